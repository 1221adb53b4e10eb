// Who is on the whiteboard at present.

import { watchStatus } from "/live-status.js";
import { element } from "../../components.js";
import { token } from "../../identity.js";
import { text, timeOfDay } from "../../localization.js";

const ROLES = ["tutor", "student"];

function sentenceAbout(role, status) {
  const field = (name) => status[`${role}_${name}`];
  const who = text(`lesson.live.${role}`);
  if (field("connected")) return text("lesson.live.here", { who, since: timeOfDay(field("connected_at")) });
  const left = field("disconnected_at");
  return left ? text("lesson.live.gone", { who, since: timeOfDay(left) }) : text("lesson.live.notCome", { who });
}

/** Show in `place` who is on a whiteboard, with a link to it, until `signal` is aborted. */
export function showLive(place, whiteboardId, signal) {
  const now = element("span", { role: "status" }, text("lesson.live.asking"));
  // Screen readers read out again what is written again.
  const say = (sentence) => {
    if (now.textContent !== sentence) now.textContent = sentence;
  };
  const link = element("a", { href: `/whiteboard?session=${whiteboardId}` }, text("lesson.live.open"));
  place.replaceChildren(now, " ", link);
  watchStatus(whiteboardId, {
    token,
    signal,
    onState: ({ status }) =>
      say(
        text("lesson.live.now", {
          people: ROLES.map((role) => sentenceAbout(role, status)).join(text("lesson.live.between")),
        }),
      ),
    onTrouble: (message) => say(text("lesson.live.unknown", { message })),
  });
}

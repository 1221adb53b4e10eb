// Who is on the whiteboard now.

import { watchStatus } from "/live-status.js";
import { element } from "../../elements.js";
import { clock } from "../../format.js";
import { token } from "../../identity.js";
import { text } from "../../strings/index.js";

const ROLES = ["tutor", "student"];

function state(role, status) {
  const told = (name) => status[`${role}_${name}`];
  const who = text(`session.live.${role}`);
  if (told("connected")) return text("session.live.here", { who, since: clock(told("connected_at")) });
  const left = told("disconnected_at");
  return left ? text("session.live.gone", { who, since: clock(left) }) : text("session.live.notCome", { who });
}

/** Tell in `place` who is on a whiteboard, until `signal` says so, with the way there. */
export function live(place, whiteboardId, signal) {
  const now = element("span", { role: "status" }, text("session.live.asking"));
  /** What has not changed is not read out again. */
  const say = (sentence) => { if (now.textContent !== sentence) now.textContent = sentence; };
  const link = element("a", { href: `/whiteboard?session=${whiteboardId}` }, text("session.live.open"));
  place.replaceChildren(now, " ", link);
  watchStatus(whiteboardId, {
    token,
    signal,
    onState: ({ status }) => say(text("session.live.now", {
      people: ROLES.map((role) => state(role, status)).join(text("session.live.between")),
    })),
    onTrouble: (message) => say(text("session.live.unknown", { message })),
  });
}

// The demo whiteboard: /whiteboard?session=1. Open it in two windows, as tutor and as student.

import { watchStatus } from "/live-status.js";
import { initializeWhiteboard } from "/whiteboard-presence.js";
import { demoChooser } from "../demo-chooser.js";
import { identity, windowSignIn, windowToken } from "../identity.js";
import { text, timeOfDay, translate } from "../localization.js";
import { openCanvas } from "./whiteboard-canvas.js";

const PARTS = ["title", "chooser", "presence", "tutor", "student", "problem", "canvas"];
const page = Object.fromEntries(PARTS.map((id) => [id, document.getElementById(id)]));
const ROLES = ["tutor", "student"];
const sessionId = Number(new URLSearchParams(location.search).get("session") ?? 1);

function show(place, state, sentence) {
  Object.assign(place, { textContent: sentence }).dataset.state = state;
}

// --- Who is here ---

function showRole(role, status) {
  const goneAt = status[`${role}_disconnected_at`];
  if (status[`${role}_connected`]) show(page[role], "here", text(`whiteboard.${role}.here`));
  else if (goneAt) show(page[role], "gone", text(`whiteboard.${role}.gone`, { time: timeOfDay(goneAt) }));
  else show(page[role], "gone", text(`whiteboard.${role}.absent`));
}

function watch() {
  watchStatus(sessionId, {
    token: windowToken,
    onState({ status }) {
      page.problem.textContent = "";
      for (const role of ROLES) showRole(role, status);
    },
    onTrouble(message) {
      page.problem.textContent = text("whiteboard.unclear", { message });
      for (const role of ROLES) show(page[role], "unknown", text(`whiteboard.${role}.unknown`));
    },
  });
}

// --- Being present ---

function attend(role) {
  const presence = initializeWhiteboard(sessionId, role, { token: windowToken });
  presence.addEventListener("connected", ({ detail }) => {
    page.presence.dataset.transport = detail.transport;
    show(page.presence, "here", text(`whiteboard.present.${role}`));
  });
  presence.addEventListener("reconnecting", ({ detail }) => {
    show(page.presence, "mending", text("whiteboard.mending", { message: detail.message }));
  });
  presence.addEventListener("lost", ({ detail }) => {
    show(page.presence, "gone", text("whiteboard.lost", { message: detail.message }));
  });
  return presence;
}

translate(document);
page.title.textContent = text("whiteboard.titleOf", { session: sessionId });
const chooser = await demoChooser({
  signedIn: windowToken(),
  signIn: windowSignIn,
  onChosen: () => location.reload(),
});
if (chooser) page.chooser.append(chooser);
const role = identity(windowToken() ?? "")?.role;
const presence = ROLES.includes(role) ? attend(role) : null;
if (!presence) show(page.presence, "unknown", text("whiteboard.watching"));
openCanvas(page.canvas, {
  sessionId,
  role,
  tool: () => document.querySelector("input[name=tool]:checked").value,
  onActivity: (word) => presence?.activity(word),
});
watch();

// One whiteboard: its lesson, who is there, one's own presence, and the canvas.

import { initializeWhiteboard } from "/whiteboard-presence.js";
import { call } from "../api.js";
import { chip, element, icon, isolated } from "../components.js";
import { windowToken } from "../identity.js";
import { showPeople } from "../live.js";
import { hasText, scheduledRange, text } from "../localization.js";
import { openCanvas } from "./whiteboard-canvas.js";

const ROLES = ["tutor", "student"];
const TOOLS = { draw: "pen", erase: "eraser" };
const SIZE = { width: 1200, height: 675 };
const CHIPS = { here: "present", mending: "late", gone: "absent", connecting: "unknown", unknown: "unknown" };

/** Return the lesson of a whiteboard, as far as it is the reader's; a whiteboard can be of no lesson, too. */
async function lessonOf(whiteboardId) {
  const query = { whiteboard_id: whiteboardId, page_size: 1 };
  const { sessions = [] } = await call("/api/tutor/sessions", { query }).catch(() => ({}));
  return sessions[0] ?? null;
}

/** Make the place that says how one's own presence stands; `show(state, sentence)` changes it. */
function ownPresence() {
  const place = element("p", { id: "presence", role: "status" });
  const show = (state, sentence) => {
    place.dataset.state = state;
    place.replaceChildren(chip(CHIPS[state], sentence));
  };
  show("connecting", text("whiteboard.connecting"));
  return { element: place, show };
}

/** What interrupted presence, in the page's language where it has words for it (docs/presence-socket.md, docs/errors.md). */
function whyInWords({ reason, message }) {
  const key = [`whiteboard.why.${reason}`, ["api", reason].join(".")].find(hasText);
  return key ? text(key) : message;
}

function attend(sessionId, role, { element: place, show }) {
  const presence = initializeWhiteboard(sessionId, role, { token: windowToken });
  presence.addEventListener("connected", ({ detail }) => {
    place.dataset.transport = detail.transport;
    show("here", text("whiteboard.present"));
  });
  presence.addEventListener("reconnecting", ({ detail }) => {
    show("mending", text("whiteboard.mending", { message: whyInWords(detail) }));
  });
  presence.addEventListener("lost", ({ detail }) => {
    show("gone", text("whiteboard.lost", { message: whyInWords(detail) }));
  });
  return presence;
}

function toolChoice() {
  const tools = Object.entries(TOOLS).map(([value, sign]) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "tool", value, checked: value === "draw" }),
      icon(sign),
      text(`whiteboard.tools.${value}`),
    ),
  );
  return element("fieldset", { id: "tools" }, element("legend", { class: "unseen" }, text("whiteboard.tool")), tools);
}

function headline(session) {
  const people = [session.tutor_name, ...session.students.map(({ name }) => name)];
  return [
    session.session_date && element("span", { class: "hours" }, scheduledRange(session.start_time, session.end_time)),
    ...people.filter(Boolean).map(isolated),
  ]
    .filter(Boolean)
    .flatMap((part, index) => (index ? [" · ", part] : [part]));
}

/** Show the whiteboard of this id to `own`, the person signed in (null: nobody is). */
export async function showBoard(main, sessionId, own) {
  const heading = element("h1", { id: "title" }, text("whiteboard.title"));
  const subtitle = element("p", { id: "lesson", class: "quiet" }, text("whiteboard.number", { session: sessionId }));
  const presence = ownPresence();
  const people = element("div", { id: "people-here", class: "who-is-there" });
  const canvas = element("canvas", { id: "canvas", tabindex: 0, ...SIZE, "aria-label": text("whiteboard.canvas") });
  main.replaceChildren(
    element("div", { class: "board-head" }, element("div", {}, heading, subtitle), presence.element),
    people,
    canvas,
    element(
      "div",
      { class: "board-foot" },
      toolChoice(),
      element("p", { class: "quiet" }, icon("info"), " ", text("whiteboard.demo")),
      element("a", { class: "button", href: "/" }, text("whiteboard.toLessons")),
    ),
  );
  const role = own?.role;
  const attending = ROLES.includes(role) ? attend(sessionId, role, presence) : null;
  if (!attending) presence.show("unknown", text("whiteboard.watching"));
  openCanvas(canvas, {
    sessionId,
    role,
    tool: () => document.querySelector("input[name=tool]:checked").value,
    onActivity: (word) => attending?.activity(word),
  });
  const session = await lessonOf(sessionId);
  if (session) {
    heading.replaceChildren(isolated(session.course_name));
    subtitle.replaceChildren(...headline(session));
    document.title = text("whiteboard.titleOf", { course: session.course_name });
  }
  const { signal } = new AbortController();
  if (own) showPeople(people, session ?? { whiteboard_id: sessionId, students: [] }, { identity: own, signal });
}

// Who was at the whiteboard without belonging to the session.

import { element, isolated } from "../../components.js";
import { text } from "../../localization.js";

function guestLine({ name, user_type: type }) {
  return element(
    "li",
    {},
    isolated(name || text("lesson.nameless")),
    text(type === "tutor" ? "lesson.guests.tutor" : "lesson.guests.student"),
  );
}

/** Make the part about the guests of a suggestion; null if there are none. */
export function guestList({ guests }) {
  if (!guests.length) return null;
  return element(
    "div",
    { class: "guests" },
    element("h4", {}, text("lesson.guests.title")),
    element("ul", {}, guests.map(guestLine)),
    element("p", { class: "quiet" }, text("lesson.guests.explained")),
  );
}

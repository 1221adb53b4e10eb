// Who was at the whiteboard without belonging to the session.

import { element, isolated } from "../../components.js";
import { text } from "../../localization.js";

function guestLine({ name, user_type: type }) {
  return element(
    "li",
    {},
    isolated(name || text("session.nameless")),
    text(type === "tutor" ? "session.guests.tutor" : "session.guests.student"),
  );
}

/** Make the part about the guests of a suggestion; null if there are none. */
export function guestList({ guests }) {
  if (!guests.length) return null;
  return element(
    "div",
    { class: "guests" },
    element("h4", {}, text("session.guests.title")),
    element("ul", {}, guests.map(guestLine)),
    element("p", { class: "quiet" }, text("session.guests.explained")),
  );
}

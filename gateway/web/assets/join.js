// The way into a lesson's whiteboard.

import { element, icon } from "./components.js";
import { canJoin, whiteboardAddress } from "./lesson-times.js";
import { text } from "./localization.js";

/** Make the link into a lesson's whiteboard; null while it can't be joined by a person in this role. */
export function joinLink(session, role, { primary = true } = {}) {
  if (!canJoin(session, role)) return null;
  return element(
    "a",
    { class: primary ? "button primary join" : "button join", href: whiteboardAddress(session.whiteboard_id) },
    icon("join"),
    text("live.join"),
    element("span", { class: "unseen" }, text("live.joinOf", { course: session.course_name })),
  );
}

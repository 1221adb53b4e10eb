// The sessions of whoever is signed in.

import { call } from "../../api.js";
import { statusBadge } from "../../components/status-badge.js";
import { element } from "../../elements.js";
import { day } from "../../format.js";
import { text } from "../../strings/index.js";

function card(session) {
  return element("li", {},
    element("h2", {}, session.course_name),
    element("p", { class: "quiet" }, day(session.session_date)),
    statusBadge(session.tutor_attendance_status, session.tutor_attendance_source),
    statusBadge(session.student_attendance_status, session.student_attendance_source));
}

export async function show({ main, notice, signal }) {
  const list = element("ul", { class: "cards" });
  main.replaceChildren(element("h1", { tabindex: -1 }, text("shell.pages.sessions")), list);
  try {
    const { sessions } = await call("/api/tutor/sessions", { signal });
    list.replaceChildren(...sessions.map(card));
  } catch (problem) {
    if (!signal.aborted) notice.warn(problem);
  }
}

// One lesson, as the student and their parents see it.

import { NOT_MARKED, sourceLabel, statusBadge } from "../../components/status-badge.js";
import { button, element } from "../../elements.js";
import { day, scheduledTime } from "../../format.js";
import { hasText, text } from "../../strings/index.js";

/** A cancelled lesson has no attendance that could be reported. */
const CANCELLED = "cancelled";

/** What somebody wrote may be written from right to left, among words that are not. */
function named(words) {
  return element("bdi", {}, words);
}

function stateOf({ status }) {
  return hasText(`common.lesson.${status}`) ? text(`common.lesson.${status}`) : status;
}

function attendance({ status, student_attendance_status: recorded, student_attendance_source: source }) {
  if (status === CANCELLED) return null;
  return element("p", { class: "recorded" }, statusBadge(recorded, source), source === NOT_MARKED ? null : sourceLabel(source));
}

function opener(session, { mayReport, onOpen }) {
  const act = mayReport && session.status !== CANCELLED ? "report" : "details";
  const start = scheduledTime(session.start_time);
  const which = { course: session.course_name, date: day(session.session_date), start };
  return button(text(`people.record.${act}`), () => onOpen(session),
    { "data-session": session.id, "aria-label": text(`people.record.${act}Of`, which) });
}

/** Make a card of a session; `onOpen(session)` is called to look at it, or to report, where one may. */
export function lessonCard(session, options) {
  const times = { start: scheduledTime(session.start_time), end: scheduledTime(session.end_time) };
  return element("li", { class: "card lesson" },
    element("h3", {}, named(session.course_name)),
    element("p", { class: "quiet" }, `${day(session.session_date)}, ${text("people.record.time", times)}`),
    element("p", { class: "quiet" }, `${text("common.tutor")}: `, named(session.tutor_name), ` · ${stateOf(session)}`),
    attendance(session),
    session.attendance_notes ? element("p", { class: "notes" }, named(session.attendance_notes)) : null,
    element("div", { class: "actions" }, opener(session, options)));
}

// One session as a card: what, when, who, what is recorded, and what can be done.

import {
  announcedAbsences,
  button,
  element,
  isolated,
  NOT_MARKED,
  sourceLabel,
  statusBadge,
} from "../../components.js";
import { day, lessonStatus, scheduledTime, text } from "../../localization.js";

const RUNNING = "in-progress";
const FINISHED = "completed";
const CANCELLED = "cancelled";

/** Write when a session is; old rows may lack a day or a time. */
export function whenOf({ session_date: date, start_time: start, end_time: end }) {
  const times = start && end ? text("sessions.times", { start: scheduledTime(start), end: scheduledTime(end) }) : "";
  return [date ? day(date) : text("sessions.noDay"), times].filter(Boolean).join(", ");
}

/** Make hidden text by which screen readers distinguish the same button or link of several sessions. */
export function unseenContext(session) {
  const which = { course: session.course_name, when: whenOf(session) };
  return element("span", { class: "unseen" }, text("sessions.of", which));
}

function stateLabel(status) {
  return element("span", { class: status === RUNNING ? "state live" : "state" }, lessonStatus(status));
}

/** Return what to call those who are taught: the student, or the class. */
export function learnersLabel({ students }) {
  return text(students.length > 1 ? "common.class" : "common.student");
}

function studentLinks({ students }) {
  if (!students.length) return [text("common.notKnown")];
  const links = students.map(({ student_id: id, name }) =>
    element("a", { href: `#/reports/students/${id}` }, isolated(name)),
  );
  return links.flatMap((link, index) => (index ? [", ", link] : [link]));
}

function person(label, names, badge) {
  return element(
    "div",
    {},
    element("dt", {}, label),
    element("dd", {}, element("span", { class: "names" }, names), badge),
  );
}

function people(session) {
  return element(
    "dl",
    { class: "people" },
    person(
      text("common.tutor"),
      [isolated(session.tutor_name || text("common.notKnown"))],
      statusBadge(session.tutor_attendance_status, session.tutor_attendance_source),
    ),
    person(
      learnersLabel(session),
      studentLinks(session),
      statusBadge(session.student_attendance_status, session.student_attendance_source),
    ),
  );
}

function isUnmarked(session) {
  return [session.tutor_attendance_source, session.student_attendance_source].includes(NOT_MARKED);
}

function opener(session, onOpen) {
  if (session.status === CANCELLED) return null;
  const toMark = session.status === FINISHED && isUnmarked(session);
  const decided = session.attendance_source !== NOT_MARKED;
  const word = toMark ? "mark" : decided ? "again" : "open";
  return button([text(`sessions.${word}`), unseenContext(session)], () => onOpen(session.id), {
    class: toMark && "primary",
    "data-session": session.id,
  });
}

function whiteboardLink({ status, whiteboard_id: whiteboard }) {
  if (status !== RUNNING || !whiteboard) return null;
  return element("a", { class: "whiteboard", href: `/whiteboard?session=${whiteboard}` }, text("sessions.whiteboard"));
}

/** Make the card of a session (docs/api.md, Session); its button calls `onOpen(id)`. */
export function sessionCard(session, { onOpen }) {
  return element(
    "li",
    { class: "card session" },
    element("h2", { tabindex: -1 }, isolated(session.course_name)),
    element("p", { class: "when" }, whenOf(session)),
    element("p", { class: "quiet" }, text("sessions.number", { id: session.id }), " · ", stateLabel(session.status)),
    people(session),
    announcedAbsences(session),
    element(
      "p",
      { class: "from" },
      sourceLabel(session.attendance_source),
      session.source_before_move !== undefined && ` · ${text("sessions.moved")}`,
    ),
    session.attendance_notes &&
      element(
        "p",
        { class: "notes" },
        element("span", { "aria-hidden": "true" }, "📝 "),
        element("span", { class: "unseen" }, text("sessions.notes")),
        isolated(session.attendance_notes),
      ),
    element("div", { class: "actions" }, opener(session, onOpen), whiteboardLink(session)),
  );
}

/** Make an empty card, which keeps the place of one that is being loaded. */
export function placeholderCard() {
  return element("li", { class: "card session to-come", "aria-hidden": "true" });
}

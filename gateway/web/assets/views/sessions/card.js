// One session as a card: what, when, who, what is recorded about them, and what can be done.

import { address } from "../../address.js";
import { NOT_MARKED, sourceLabel, statusBadge } from "../../components/status-badge.js";
import { button, element } from "../../elements.js";
import { day, scheduledTime } from "../../format.js";
import { hasText, text } from "../../strings/index.js";

const RUNNING = "in-progress";
const FINISHED = "completed";
const CANCELLED = "cancelled";

/** Return when a session is, in words; old rows may lack a day or a time. */
export function whenOf({ session_date: date, start_time: start, end_time: end }) {
  const times = start && end ? text("sessions.times", { start: scheduledTime(start), end: scheduledTime(end) }) : "";
  return [date ? day(date) : text("sessions.noDay"), times].filter(Boolean).join(", ");
}

/** What sets apart the buttons and links of several sessions, for those who hear them alone: to follow their words. */
export function whichOne(session) {
  const which = { course: session.course_name, when: whenOf(session) };
  return element("span", { class: "unseen" }, text("sessions.of", which));
}

/** A name, which may be written from right to left among words that are not. */
export function named(name) {
  return element("bdi", {}, name);
}

function stateLabel(status) {
  const word = hasText(`common.lesson.${status}`) ? text(`common.lesson.${status}`) : status;
  return element("span", { class: status === RUNNING ? "state live" : "state" }, word);
}

/** Return the word for whom a session is given to. */
export function learnersWord({ students }) {
  return text(students.length > 1 ? "common.class" : "common.student");
}

function studentLinks({ students }) {
  if (!students.length) return [text("common.notKnown")];
  const links = students.map(({ student_id: id, name }) => (
    element("a", { href: address(`/reports/students/${id}`) }, named(name))));
  return links.flatMap((link, index) => (index ? [", ", link] : [link]));
}

function person(label, names, badge) {
  return element("div", {}, element("dt", {}, label),
    element("dd", {}, element("span", { class: "names" }, names), badge));
}

function people(session) {
  return element("dl", { class: "people" },
    person(text("common.tutor"), [named(session.tutor_name || text("common.notKnown"))],
      statusBadge(session.tutor_attendance_status, session.tutor_attendance_source)),
    person(learnersWord(session), studentLinks(session),
      statusBadge(session.student_attendance_status, session.student_attendance_source)));
}

function isUnmarked(session) {
  return [session.tutor_attendance_source, session.student_attendance_source].includes(NOT_MARKED);
}

function opener(session, onOpen) {
  if (session.status === CANCELLED) return null;
  const toMark = session.status === FINISHED && isUnmarked(session);
  const decided = session.attendance_source !== NOT_MARKED;
  const word = toMark ? "mark" : decided ? "again" : "open";
  return button([text(`sessions.${word}`), whichOne(session)], () => onOpen(session.id),
    { class: toMark && "primary", "data-session": session.id });
}

function whiteboardLink({ status, whiteboard_id: whiteboard }) {
  if (status !== RUNNING || !whiteboard) return null;
  return element("a", { class: "whiteboard", href: `/whiteboard?session=${whiteboard}` }, text("sessions.whiteboard"));
}

/** Make the card of a session as the API gives it; `onOpen(id)` is called by its button. */
export function sessionCard(session, { onOpen }) {
  return element("li", { class: "card session" },
    element("h2", { tabindex: -1 }, named(session.course_name)),
    element("p", { class: "when" }, whenOf(session)),
    element("p", { class: "quiet" }, text("sessions.number", { id: session.id }), " · ", stateLabel(session.status)),
    people(session),
    element("p", { class: "from" }, sourceLabel(session.attendance_source)),
    session.attendance_notes && element("p", { class: "notes" },
      element("span", { "aria-hidden": "true" }, "📝 "), element("span", { class: "unseen" }, text("sessions.notes")),
      named(session.attendance_notes)),
    element("div", { class: "actions" }, opener(session, onOpen), whiteboardLink(session)));
}

/** Make a card that holds the place of one that is being loaded. */
export function cardToCome() {
  return element("li", { class: "card session to-come", "aria-hidden": "true" });
}

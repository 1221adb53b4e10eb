// One session as a card: what, when, who, what is recorded, and what can be done.

import {
  announcedAbsences,
  button,
  element,
  icon,
  isolated,
  NOT_MARKED,
  outcomeInWords,
  sourceLabel,
  statusChip,
  statusWord,
  tallyInWords,
} from "../../components.js";
import { day, lessonStatus, scheduledTime, text } from "../../localization.js";

const RUNNING = "in-progress";
const FINISHED = "completed";
const CANCELLED = "cancelled";

const CANNOT_KNOW = "cannot_know";
const LEAST_SURE_FIRST = ["low", "medium", "high"];
/** So many students of a class are named on a card. */
const MAX_NAMED = 8;

/** Write when a session is; old rows may lack a day or a time. */
export function whenOf({ session_date: date, start_time: start, end_time: end }) {
  const times = start && end ? text("lessons.times", { start: scheduledTime(start), end: scheduledTime(end) }) : "";
  return [date ? day(date) : text("lessons.noDay"), times].filter(Boolean).join(", ");
}

/** Make hidden text by which screen readers distinguish the same button or link of several sessions. */
export function unseenContext(session) {
  const which = { course: session.course_name, when: whenOf(session) };
  return element("span", { class: "unseen" }, text("lessons.of", which));
}

function stateLabel(status) {
  return element("span", { class: status === RUNNING ? "state live" : "state" }, lessonStatus(status));
}

/** Write what is recorded of those who are taught. */
export function learnersOutcome({ students, student_attendance_status: status, student_attendance_source: source }) {
  if (students.length < 2 || source === NOT_MARKED) return statusWord(status, source);
  return tallyInWords(students.map((student) => student.attendance_status));
}

/** Return what to call those who are taught: the student, or the class. */
export function learnersLabel({ students }) {
  return text(students.length > 1 ? "common.class" : "common.student");
}

function studentLink({ student_id: id, name }) {
  return element("a", { href: `#/reports/students/${id}` }, isolated(name));
}

/** In a class each student who is marked has a badge of their own. */
function classMember(student) {
  const { attendance_status: status, attendance_source: source } = student;
  return element(
    "span",
    { class: "member" },
    studentLink(student),
    source === NOT_MARKED ? [] : [" ", statusChip(status, source)],
  );
}

function studentLinks({ students }) {
  if (!students.length) return [text("common.notKnown")];
  if (students.length === 1) return [studentLink(students[0])];
  const more = students.length - MAX_NAMED;
  return [
    students.slice(0, MAX_NAMED).map(classMember),
    more > 0 ? text("lessons.andMore", { count: more }) : [],
  ].flat();
}

function studentsBadge(session) {
  const { students, student_attendance_status: status, student_attendance_source: source } = session;
  if (students.length < 2 || source === NOT_MARKED) return statusChip(status, source);
  return element("span", { class: "tally" }, learnersOutcome(session));
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
      statusChip(session.tutor_attendance_status, session.tutor_attendance_source),
    ),
    person(learnersLabel(session), studentLinks(session), studentsBadge(session)),
  );
}

function isUnmarked(session) {
  const sources = [session.tutor_attendance_source, session.student_attendance_source];
  return sources.includes(NOT_MARKED) || session.undecided_students > 0;
}

/** Write what is suggested about those who are taught; of a class, how many of each status. */
function suggestedLearners({ students, student_status_suggestion: status }) {
  if (students.length < 2) return statusWord(status);
  return tallyInWords(students.map((student) => student.status_suggestion));
}

function suggestionInWords(suggestion) {
  if (isUnknowable(suggestion)) return text("lessons.cannotKnow");
  const { tutor_confidence: tutor, student_confidence: student } = suggestion;
  return text(suggestion.students.length > 1 ? "lessons.suggestedClass" : "lessons.suggested", {
    tutor: statusWord(suggestion.tutor_status_suggestion),
    students: suggestedLearners(suggestion),
    confidence: text(`common.confidence.${LEAST_SURE_FIRST.find((level) => level === tutor || level === student)}`),
  });
}

function isUnknowable({ tutor_reasons: tutor, student_reasons: student }) {
  return tutor.includes(CANNOT_KNOW) || student.includes(CANNOT_KNOW);
}

/** Make the line about what was suggested when the session had settled, as long as there is something to decide. */
function suggestionLine(session) {
  const { suggestion } = session;
  if (!suggestion?.has_whiteboard || session.status === CANCELLED || !isUnmarked(session)) return null;
  return element("p", { class: "suggested" }, suggestionInWords(suggestion));
}

function outcomeLine({ lesson_outcome: outcome }) {
  const words = outcomeInWords(outcome, { bills: true });
  return words ? element("p", { class: "quiet" }, words) : null;
}

function opener(session, onOpen) {
  if (session.status === CANCELLED) return null;
  const toMark = session.status === FINISHED && isUnmarked(session);
  const decided = session.attendance_source !== NOT_MARKED;
  const word = toMark ? "mark" : decided ? "again" : "open";
  return button([text(`lessons.${word}`), unseenContext(session)], () => onOpen(session.id), {
    class: toMark && "primary",
    "data-session": session.id,
  });
}

function whiteboardLink({ status, whiteboard_id: whiteboard }) {
  if (status !== RUNNING || !whiteboard) return null;
  return element("a", { class: "whiteboard", href: `/whiteboard?session=${whiteboard}` }, text("lessons.whiteboard"));
}

/** Make the card of a session (docs/api.md, Session); its button calls `onOpen(id)`. */
export function sessionCard(session, { onOpen }) {
  return element(
    "li",
    { class: "card session" },
    element("h2", { tabindex: -1 }, isolated(session.course_name)),
    element("p", { class: "when" }, whenOf(session)),
    element("p", { class: "quiet" }, text("lessons.number", { id: session.id }), " · ", stateLabel(session.status)),
    people(session),
    suggestionLine(session),
    outcomeLine(session),
    announcedAbsences(session),
    session.open_claims > 0 &&
      element("p", { class: "announced" }, text("claims.open", { count: session.open_claims })),
    session.parent_changed_mark && element("p", { class: "announced" }, text("claims.parentChanged")),
    element(
      "p",
      { class: "from" },
      sourceLabel(session.attendance_source),
      session.source_before_move !== undefined && ` · ${text("lessons.moved")}`,
    ),
    session.attendance_notes &&
      element(
        "p",
        { class: "notes" },
        icon("note"),
        " ",
        element("span", { class: "unseen" }, text("lessons.notes")),
        isolated(session.attendance_notes),
      ),
    element("div", { class: "actions" }, opener(session, onOpen), whiteboardLink(session)),
  );
}

/** Make an empty card, which keeps the place of one that is being loaded. */
export function placeholderCard() {
  return element("li", { class: "card session to-come", "aria-hidden": "true" });
}

// What state a lesson is in, and what may be done with it. Pure.

import { NOT_MARKED } from "../../components.js";

const CANCELLED = "cancelled";
const COMPLETED = "completed";
const ENDED = new Set([COMPLETED, "missed"]);
const CANNOT_KNOW = "cannot_know";
const LEAST_SURE_FIRST = ["low", "medium", "high"];

function hasBegun({ scheduled_start: start }, now) {
  return !start || Date.parse(start) <= now;
}

/** Return whether a lesson is over: the platform may say so late, or never. */
export function isOver(session, now = Date.now()) {
  const { status, scheduled_end: end } = session;
  if (!end) return ENDED.has(status);
  return Date.parse(end) <= now || (status === COMPLETED && hasBegun(session, now));
}

/** Return whether a lesson goes on. */
export function isLive(session, now = Date.now()) {
  if (!session.scheduled_end || session.status === CANCELLED) return false;
  return hasBegun(session, now) && !isOver(session, now);
}

/** Return whether a lesson was cancelled. */
export function isCancelled({ status }) {
  return status === CANCELLED;
}

/** Return whether a person decided on anything about a lesson. */
export function isMarked({ attendance_source: source }) {
  return source !== NOT_MARKED;
}

function isIncomplete(session) {
  const sources = [session.tutor_attendance_source, session.student_attendance_source];
  return sources.includes(NOT_MARKED) || session.undecided_students > 0;
}

/** Return whether a lesson waits to be marked. */
export function isToMark(session, now = Date.now()) {
  return !isCancelled(session) && isOver(session, now) && isIncomplete(session);
}

/** Return whether a lesson has several students. */
export function isClass({ students }) {
  return students.length > 1;
}

function isUnknowable({ tutor_reasons: tutor, student_reasons: student }) {
  return tutor.includes(CANNOT_KNOW) || student.includes(CANNOT_KNOW);
}

/**
 * Return what is suggested: `judged`, `unknown` (what was seen is too little), `none` (nothing was seen, as without a
 * whiteboard), or `pending` (it is judged a little later).
 */
export function suggestionKind({ suggestion, whiteboard_id: whiteboard }) {
  if (!suggestion) return whiteboard ? "pending" : "none";
  if (!suggestion.has_whiteboard) return "none";
  return isUnknowable(suggestion) ? "unknown" : "judged";
}

/** Return how sure a suggestion is of everyone whom it is about: `clear`, `likely` or `unsure`. */
export function certainty(session) {
  const { suggestion } = session;
  const learners = isClass(session)
    ? suggestion.students.map(({ confidence }) => confidence)
    : [suggestion.student_confidence];
  const least = LEAST_SURE_FIRST.find((level) => [suggestion.tutor_confidence, ...learners].includes(level));
  return { low: "unsure", medium: "likely", high: "clear" }[least] ?? "unsure";
}

/** Return whether `identity` is a tutor who only substitutes: then the tutor's attendance is not theirs to record. */
export function isSubstitute({ tutor_user_id: tutor }, { role, userId }) {
  return role === "tutor" && tutor !== undefined && tutor !== userId;
}

/** Return whether the suggestion about a lesson is clear, so that it can be accepted together with others. */
export function isClear({ suggestion_is_clear: isClearThen, attendance_source: source = NOT_MARKED }) {
  // What was marked since it was read is shown as it was answered then, without being judged again.
  return isClearThen === true && source === NOT_MARKED;
}

/** Return what is suggested of those who are taught, each by itself. */
export function suggestedStatuses(session) {
  const { student_status_suggestion: only, students } = session.suggestion;
  return isClass(session) ? students.map(({ status_suggestion: status }) => status) : [only];
}

/** Return the students of a class at whom one has to look: those who were not simply there, or about whom it is not sure. */
export function exceptionsOf({ suggestion }) {
  return suggestion.students.filter(
    ({ status_suggestion: status, confidence }) => status !== "present" || confidence !== "high",
  );
}

/** Return whether the line of a lesson offers to accept the suggestion: one that is unsure is to be looked at first. */
export function isAcceptable(session, identity) {
  if (isClear(session)) return true;
  if (isMarked(session) || session.open_claims > 0 || isClass(session) || isSubstitute(session, identity)) return false;
  return isToMark(session) && suggestionKind(session) === "judged" && certainty(session) !== "unsure";
}

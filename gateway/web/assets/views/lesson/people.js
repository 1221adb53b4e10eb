// Whom a suggestion is about. Pure.

import { text } from "../../localization.js";

function tutor(suggestion, session) {
  return {
    role: text("common.tutor"),
    name: session.tutor_name,
    status: suggestion.tutor_status_suggestion,
    confidence: suggestion.tutor_confidence,
    metrics: suggestion.tutor_metrics,
    reasons: suggestion.tutor_reasons,
    intervals: suggestion.tutor_intervals,
    activity: suggestion.tutor_activity,
  };
}

function studentOrClass(suggestion, session) {
  const isClass = isGroupClass(suggestion, session);
  return {
    role: text(isClass ? "common.class" : "common.student"),
    name: isClass ? text("lesson.somebodyOfTheClass") : suggestion.students[0]?.name || session.student_name,
    isClass,
    status: suggestion.student_status_suggestion,
    confidence: suggestion.student_confidence,
    metrics: suggestion.student_metrics,
    reasons: suggestion.student_reasons,
    intervals: suggestion.student_intervals,
    activity: suggestion.student_activity,
  };
}

function classMember(student) {
  return {
    role: text("common.student"),
    name: student.name,
    status: student.status_suggestion,
    confidence: student.confidence,
    metrics: student.metrics,
    reasons: student.reasons,
    intervals: student.intervals,
    activity: student.activity,
  };
}

/**
 * Return whether a session has several students. Students and parents see only their own in both answers;
 * that something is left out then shows that there are others (docs/api.md, in a class). `suggestion` may be null.
 */
export function isGroupClass(suggestion, session) {
  if (session.students.length > 1) return true;
  return Boolean(suggestion?.has_whiteboard) && (suggestion.students.length > 1 || !suggestion.student_metrics);
}

/** Return what to call those whom the `tutor` or `student` status is about. */
export function labelOf(person, session) {
  return text(person === "student" && isGroupClass(null, session) ? "common.class" : `common.${person}`);
}

/**
 * Return the people `{ role, name, isClass, status, confidence, metrics, reasons, intervals, activity }` who are decided
 * on, then each student of a group class. `metrics` is undefined where it would reveal something about others.
 */
export function peopleOf(suggestion, session) {
  const students = isGroupClass(suggestion, session) ? suggestion.students.map(classMember) : [];
  return [tutor(suggestion, session), studentOrClass(suggestion, session), ...students];
}

/** Return whether a suggestion can be accepted. */
export function isAcceptable(suggestion) {
  return suggestion.has_whiteboard && !suggestion.provisional;
}

/** Where nothing can be known, the API answers `present`, so that no person is called absent. It is not a result. */
export function isUnknowable({ reasons }) {
  return reasons.includes("cannot_know");
}

/** Return the status that is suggested about a student (student_profiles.id) and can be accepted; null: none. */
export function suggestedFor(studentId, suggestion) {
  if (!suggestion || !isAcceptable(suggestion)) return null;
  const student = suggestion.students.find(({ student_id: id }) => id === studentId);
  return student && !isUnknowable(student) ? student.status_suggestion : null;
}

/**
 * Return what is recorded, as `{ label, status, source, excused, reason, note }`: of the tutor, then of each student. Of
 * a single student it is what the session says, unless the student is one of a class.
 */
export function recordsOf(session) {
  const tutor = {
    label: text("common.tutor"),
    status: session.tutor_attendance_status,
    source: session.tutor_attendance_source,
    excused: session.tutor_excused,
    reason: session.tutor_excuse_reason,
  };
  const students = session.students.map((student) => ({
    label: isGroupClass(null, session) ? student.name : text("common.student"),
    status: student.attendance_status,
    source: student.attendance_source,
    excused: student.excused,
    reason: student.excuse_reason,
    note: student.note,
  }));
  if (students.length) return [tutor, ...students];
  const { student_attendance_status: status, student_attendance_source: source } = session;
  return [tutor, { label: text("common.student"), status, source }];
}

/** Return whether a tutor (users.id) only substitutes for the tutor who is judged. */
export function isSubstitute(userId, { tutor_user_id: tutor }) {
  return tutor !== undefined && tutor !== userId;
}

/** Return the guests of a suggestion, like `peopleOf`, as far as their presence is shown. */
export function guestsOf({ guests }) {
  return guests.map(({ name, intervals }) => ({ name: text("lesson.guests.row", { name }), intervals, activity: [] }));
}

/** Those who are decided on. */
export const DECIDED_ON = ["tutor", "student"];

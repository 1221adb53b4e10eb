// Whom a suggestion speaks of, in one form for everybody.

import { text } from "../../strings/index.js";

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
    name: isClass ? text("session.somebodyOfTheClass") : suggestion.students[0]?.name || session.student_name,
    isClass,
    status: suggestion.student_status_suggestion,
    confidence: suggestion.student_confidence,
    metrics: suggestion.student_metrics,
    reasons: suggestion.student_reasons,
    intervals: suggestion.student_intervals,
    activity: suggestion.student_activity,
  };
}

function oneOfTheClass(student) {
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
 * Whether one status is recorded for several students. To students and parents both answers name their own alone; what
 * is left out then tells that there are others (docs/api.md, in a class). `suggestion` may be null.
 */
export function isGroupClass(suggestion, session) {
  if (session.students.length > 1) return true;
  return Boolean(suggestion?.has_whiteboard) && (suggestion.students.length > 1 || !suggestion.student_metrics);
}

/**
 * Return the people `{ role, name, isClass, status, confidence, metrics, reasons, intervals, activity }` on whom is
 * decided, and each student of a group class after them. `metrics` is undefined where they would tell of others.
 */
export function peopleOf(suggestion, session) {
  const students = isGroupClass(suggestion, session) ? suggestion.students.map(oneOfTheClass) : [];
  return [tutor(suggestion, session), studentOrClass(suggestion, session), ...students];
}

// Whom a suggestion is about, and what the page offers to whom. Pure. What a person may do is decided by the service
// (docs/api.md).

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
 * Return whether one status is recorded for several students. Students and parents see only their own in both answers;
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

const CANCELLED = "cancelled";
/** Those who are decided on. */
export const DECIDED_ON = ["tutor", "student"];
const PARENT = "parent";
/** Lessons during which people may be on the whiteboard. */
const OPEN = new Set(["scheduled", "in-progress", "in_progress"]);
const DECIDERS = new Set(["tutor", "admin"]);
/** Those who may see the connection status (docs/api.md). */
const WATCHERS = new Set(["tutor", "student", "admin"]);

function hasBegun(session) {
  return !session.scheduled_start || Date.parse(session.scheduled_start) <= Date.now();
}

function hint(role, session) {
  if (session.status === CANCELLED) return text("session.cancelled");
  if (!hasBegun(session)) return text("session.notBegun");
  return text(role === PARENT ? "session.parentOfClass" : "session.looking");
}

/**
 * Return `{ accepts, marks, watches, hint }`: whether a role may accept a suggestion, which of `tutor` and `student` it
 * may mark, whether it can see who is on the whiteboard, and, where it may mark neither, why not.
 */
export function permissionsOf(role, session) {
  const isDecidable = session.status !== CANCELLED && hasBegun(session);
  const accepts = DECIDERS.has(role) && isDecidable;
  const reports = role === PARENT && isDecidable && !isGroupClass(null, session);
  return {
    accepts,
    marks: accepts ? DECIDED_ON : reports ? ["student"] : [],
    watches: WATCHERS.has(role) && OPEN.has(session.status) && Boolean(session.whiteboard_id),
    hint: accepts || reports ? null : hint(role, session),
  };
}

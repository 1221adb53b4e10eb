// The people of a lesson: what is recorded and what is suggested about each. Pure.

import { text } from "../../localization.js";
import { isParentsToDecide } from "./objections.js";

/** Those who are decided on. */
export const DECIDED_ON = ["tutor", "student"];
/** The source of a status before any decision. */
const NOT_MARKED = "system_default";
const ADMINS = "admin_override";
const ADMIN = "admin";
const PARENT = "parent";

/**
 * Return whether a session has several students. Students and parents see only their own in both answers;
 * that something is left out then shows that there are others (docs/api.md, in a class). `suggestion` may be null.
 */
export function isGroupClass(suggestion, session) {
  if (session.students.length > 1) return true;
  if (!suggestion?.has_whiteboard) return false;
  const isLeftOut = !suggestion.student_metrics && !suggestion.student_reasons.includes("facts_deleted");
  return suggestion.students.length > 1 || isLeftOut;
}

/** Return whether a suggestion can be accepted. */
export function isAcceptable(suggestion) {
  return suggestion.has_whiteboard && !suggestion.provisional;
}

/** Where nothing can be known, the API answers `present`, so that no person is called absent. It is not a result. */
export function isUnknowable({ reasons }) {
  return reasons.includes("cannot_know");
}

/** Return whether a tutor (users.id) only substitutes for the tutor who is judged. */
export function isSubstitute(userId, { tutor_user_id: tutor }) {
  return tutor !== undefined && tutor !== userId;
}

/** Return the name by which one calls a person: the first of their names. */
export function shortName(name) {
  return name.trim().split(/\s+/u)[0];
}

function factsOfTutor(suggestion) {
  return {
    status: suggestion.tutor_status_suggestion,
    certainty: suggestion.tutor_confidence,
    metrics: suggestion.tutor_metrics,
    reasons: suggestion.tutor_reasons,
    intervals: suggestion.tutor_intervals,
    activity: suggestion.tutor_activity,
  };
}

function factsOfOnlyStudent(suggestion) {
  return {
    status: suggestion.student_status_suggestion,
    certainty: suggestion.student_confidence,
    metrics: suggestion.student_metrics,
    reasons: suggestion.student_reasons,
    intervals: suggestion.student_intervals,
    activity: suggestion.student_activity,
  };
}

function factsOfMember({ status_suggestion: status, confidence: certainty, metrics, reasons, intervals, activity }) {
  return { status, certainty, metrics, reasons, intervals, activity };
}

/** A person without facts, `facts` null: nothing is known of a lesson without a whiteboard, or of a student without user. */
function withFacts(person, facts, suggestion) {
  const isSuggested = facts !== null && isAcceptable(suggestion) && !isUnknowable(facts);
  return { ...person, facts, suggested: isSuggested ? facts.status : null };
}

function recordOf(status, source, { excused = false, reason, note, announced }) {
  return { status: source === NOT_MARKED ? null : status, source, excused, excuseReason: reason, note, announced };
}

function tutorOf(session, identity) {
  const { tutor_user_id: userId, tutor_name: name } = session;
  const isYou = identity.role === "tutor" && (userId === undefined || userId === identity.userId);
  return {
    key: "tutor",
    person: "tutor",
    userId,
    name,
    isYou,
    ...recordOf(session.tutor_attendance_status, session.tutor_attendance_source, {
      excused: session.tutor_excused,
      reason: session.tutor_excuse_reason,
      announced: session.tutor_absence_announced,
    }),
  };
}

function studentOf(student, identity) {
  const { student_id: id, user_id: userId, name } = student;
  return {
    key: `student-${id}`,
    person: "student",
    id,
    userId,
    name,
    isYou: identity.role === "student",
    ...recordOf(student.attendance_status, student.attendance_source, {
      excused: student.excused,
      reason: student.excuse_reason,
      note: student.note,
      announced: student.absence_announced,
    }),
  };
}

/** The student of a session whose course names none: known by the whiteboard alone. */
function studentWithoutProfile(session, suggestion, identity) {
  return {
    key: "student",
    person: "student",
    name: suggestion?.students[0]?.name || session.student_name,
    isYou: identity.role === "student",
    ...recordOf(session.student_attendance_status, session.student_attendance_source, {}),
  };
}

/** Whether others must be asked to change what is recorded about a person. */
function isLocked({ source }, session, role) {
  return role === PARENT ? !isParentsToDecide(session, source) : role !== ADMIN && source === ADMINS;
}

function labelled(person, session, identity) {
  const name = person.name || text("lesson.nameless");
  return {
    ...person,
    isLocked: isLocked(person, session, identity.role),
    label: person.isYou ? text("lesson.you") : name,
    shortLabel: person.isYou ? text("lesson.you") : shortName(name),
  };
}

function studentsWithFacts(session, suggestion, identity) {
  const known = suggestion?.has_whiteboard ? suggestion : null;
  if (!isGroupClass(suggestion, session)) {
    const [student] = session.students;
    const one = student ? studentOf(student, identity) : studentWithoutProfile(session, known, identity);
    return [withFacts(one, known && factsOfOnlyStudent(known), suggestion)];
  }
  return session.students.map((student) => {
    const judged = known?.students.find(({ student_id: id }) => id === student.student_id);
    return withFacts(studentOf(student, identity), judged ? factsOfMember(judged) : null, suggestion);
  });
}

/**
 * Return the people of a lesson, the tutor first, as `{ key, person, id, userId, name, label, shortLabel, isYou,
 * isLocked, status, source, excused, excuseReason, note, announced, facts, suggested }`. `status` is what is recorded, or null; `suggested`
 * what can be accepted, or null; `facts` is `{ status, certainty, metrics, reasons, intervals, activity }`, or null.
 * `suggestion` may be null. `identity` is who reads it: that is "You". `isLocked` is whether only
 * others may decide anew: an admin, or for parents the tutor as well.
 */
export function attendeesOf(session, suggestion, identity) {
  const tutorFacts = suggestion?.has_whiteboard ? factsOfTutor(suggestion) : null;
  return [
    withFacts(tutorOf(session, identity), tutorFacts, suggestion),
    ...studentsWithFacts(session, suggestion, identity),
  ].map((person) => labelled(person, session, identity));
}

/** Return the guests of a suggestion as rows of a timeline, as far as their presence is shown. */
export function guestsOf({ guests }) {
  return guests.map(({ name, intervals }) => {
    const label = text("lesson.guests.row", { name });
    return { label, shortLabel: shortName(name), facts: { intervals, activity: [] } };
  });
}

// Where a lesson stands for one student: what is recorded about them, in which part of their record it belongs, and
// what they or a parent may say about it. Pure; the service decides (docs/decisions.md).

import { phaseOf } from "../../lesson-times.js";
import { isParentsToDecide, isTimeToObject } from "../lesson/objections.js";

const NOT_MARKED = "system_default";
const PARENTS = "parent_reported";
const PARENT = "parent";
const OPEN = "open";

/**
 * Return what is recorded about one student of a session (student_profiles.id; null: the only one that is shown):
 * `{ status, source, note, excused, reason, announced, markedAt }`.
 */
export function recordOf(session, studentId) {
  const { students = [] } = session;
  const student = students.find(({ student_id: id }) => id === studentId) ?? students[0] ?? {};
  const source = student.attendance_source ?? session.student_attendance_source ?? NOT_MARKED;
  return {
    studentId: student.student_id ?? studentId,
    name: student.name ?? "",
    status: student.attendance_status ?? session.student_attendance_status,
    source,
    isMarked: source !== NOT_MARKED,
    note: student.note,
    excused: student.excused ?? false,
    reason: student.excuse_reason,
    announced: student.absence_announced,
    markedAt: student.attendance_marked_at ?? session.attendance_marked_at,
  };
}

/** Return the name by which a person is called: the first one. */
export function firstName(name) {
  return name.split(/\s+/u)[0];
}

/** Return whether a session is one of this student's (null: of whoever may see it). */
export function isOf(session, studentId) {
  return studentId === null || session.students.some(({ student_id: id }) => id === studentId);
}

/** Return where a session belongs: `now`, `coming`, `waiting` (over, and the student not marked) or `past`. */
export function partOf(session, studentId, now = Date.now()) {
  const phase = phaseOf(session, now);
  if (phase === "cancelled") return Date.parse(session.scheduled_end ?? session.session_date) > now ? "coming" : "past";
  if (phase === "live" || phase === "soon") return "now";
  if (phase === "coming") return "coming";
  return recordOf(session, studentId).isMarked ? "past" : "waiting";
}

function startOf({ scheduled_start: start, session_date: date, id }) {
  return [start ? Date.parse(start) : Date.parse(date ?? 0), id];
}

function compare(one, other) {
  const [[first, id], [second, otherId]] = [startOf(one), startOf(other)];
  return first - second || id - otherId;
}

/** Sort sessions, earliest first. */
export function inOrder(sessions) {
  return sessions.toSorted(compare);
}

/** Return each session's newest claim about a student (null: about any), by the id of the session. */
export function newestClaims(claims, studentId) {
  const about = claims.filter((claim) => studentId === null || claim.student_id === studentId);
  return new Map(about.toReversed().map((claim) => [claim.session_id, claim]));
}

/**
 * Return what becomes of the word of a role about a lesson: `report` (it is recorded at once), `claim` (the tutor or an
 * admin answers it), or null: nothing can be said, or not any more. `claim` is the newest about the student.
 */
export function wordOf(role, session, record, claim, now = Date.now()) {
  const phase = phaseOf(session, now);
  if (phase === "cancelled" || !(record.isMarked || phase === "over")) return null;
  if (claim?.state === OPEN) return null;
  if (role === PARENT && isParentsToDecide(session, record.source)) return "report";
  return isTimeToObject(session, record.markedAt, now) ? "claim" : null;
}

/** Return the key of what a word is called where it is offered: it says beforehand what becomes of the mark. */
export function nameOfWord(how, { isMarked, source }) {
  if (!isMarked) return "record.wasThere";
  if (how === "claim") return "record.notRight";
  return source === PARENTS ? "record.changeReport" : "record.replace";
}

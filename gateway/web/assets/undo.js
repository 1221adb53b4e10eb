// Taking back what was just decided about a lesson: for some seconds after it, and as long as nobody decided since. To
// withdraw a mark that stood for longer is another act, which asks first (views/lesson/withdrawal.js).

import { call } from "./api.js";
import { announceChange } from "./changes.js";
import { decide, withdraw } from "./writes.js";

/** How long it is offered. */
export const UNDO_SECONDS = 10;
const PATH = "/api/tutor/sessions";
const NOT_MARKED = "system_default";
/** What the API takes; old rows may hold another word. */
const STATUSES = ["present", "late", "absent"];
/** A parent's part of notes, which nobody else writes. */
const PARENTS_NOTES = /^Parent:/m;

function isMarked({ attendance_source: source }) {
  return source !== NOT_MARKED;
}

/** What sends an excuse back, if it changed. */
function excuseBack(before, after, prefix = "") {
  const [excused, reason] = [`${prefix}excused`, `${prefix}excuse_reason`];
  if (before[excused] === after[excused] && before[reason] === after[reason]) return {};
  return { [excused]: Boolean(before[excused]), ...(before[excused] ? { [reason]: before[reason] ?? "" } : {}) };
}

function studentBack(before, after) {
  const changed = {
    ...(before.attendance_status === after.attendance_status ? {} : { status: before.attendance_status }),
    ...(before.note === after.note ? {} : { note: before.note ?? "" }),
    ...excuseBack(before, after),
  };
  return Object.keys(changed).length ? [{ student_id: after.student_id, ...changed }] : [];
}

function tutorBack(before, after) {
  const { tutor_attendance_status: status } = before;
  return {
    ...(status === after.tutor_attendance_status ? {} : { tutor_attendance_status: status }),
    ...excuseBack(before, after, "tutor_"),
  };
}

function notesBack({ attendance_notes: before = "" }, { attendance_notes: after = "" }) {
  return before === after ? {} : { attendance_notes: before };
}

/** Whether everybody who is marked now was marked before, with a word that can be sent, and no parent's notes changed. */
function isRestorable(before, after) {
  const students = after.students.map((now) => [before.students.find((one) => one.student_id === now.student_id), now]);
  if (!students.length || students.some(([was]) => !was)) return false;
  const tutor = { attendance_source: before.tutor_attendance_source, status: before.tutor_attendance_status };
  const isTutorSame = before.tutor_attendance_source === after.tutor_attendance_source;
  const changed = [
    ...(isTutorSame && tutor.status === after.tutor_attendance_status ? [] : [tutor]),
    ...students
      .filter(([was, now]) => studentBack(was, now).length || was.attendance_source !== now.attendance_source)
      .map(([was]) => ({ ...was, status: was.attendance_status })),
  ];
  const notes = [
    [before.attendance_notes, after.attendance_notes],
    ...students.map(([was, now]) => [was.note, now.note]),
  ];
  return (
    changed.every((person) => isMarked(person) && STATUSES.includes(person.status)) &&
    notes.every(([was = "", now = ""]) => was === now || !PARENTS_NOTES.test(`${was}\n${now}`))
  );
}

/**
 * Return what gives a lesson back the marks, excuses and notes that it had before they were changed (docs/api.md,
 * MarkAttendance); null: nothing does, or nothing changed. Pure.
 */
export function restoring(before, after) {
  if (!isMarked(before) || !isMarked(after) || !isRestorable(before, after)) return null;
  const students = after.students.flatMap((now) =>
    studentBack(
      before.students.find((one) => one.student_id === now.student_id),
      now,
    ),
  );
  const changes = {
    ...tutorBack(before, after),
    ...notesBack(before, after),
    ...(students.length ? { students } : {}),
  };
  return Object.keys(changes).length ? { ...changes, attendance_etag: after.attendance_etag } : null;
}

/** Return whether a decision can be taken back: `before` and `after` are the session as it was and is stored. */
export function canUndo(before, after) {
  if (!isMarked(after)) return false;
  return isMarked(before) ? restoring(before, after) !== null : true;
}

/**
 * Take back what was just decided, but nothing that was decided since: what was not marked is not marked again, and what
 * was changed is as it was before. Returns the session then. Throws as `call`.
 */
export async function undo(before, after) {
  const body = restoring(before, after);
  if (body) {
    await decide(after, body);
    announceChange(after.id);
    return call(`${PATH}/${after.id}`);
  }
  const stored = await withdraw(after);
  announceChange(after.id);
  // What is suggested did not change, and the answer does not say it.
  return { ...before, attendance_etag: stored.attendance_etag };
}

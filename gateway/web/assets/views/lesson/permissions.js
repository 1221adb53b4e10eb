// What the page offers to whom. Pure. What a person may do is decided by the service (docs/decisions.md).

import { NOT_MARKED } from "../../components.js";
import { dateTime, text } from "../../localization.js";
import { isParentsToDecide, isTimeToObject } from "./objections.js";
import { DECIDED_ON } from "./people.js";

const CANCELLED = "cancelled";
const PARENT = "parent";
const STUDENT = "student";
const ADMIN = "admin";
const ADMINS = "admin_override";
/** Lessons during which people may be on the whiteboard. */
const OPEN = new Set(["scheduled", "in-progress", "in_progress"]);
/** So long before a lesson people come to its whiteboard. */
const EARLY_MS = 30 * 60_000;
const CLAIMANTS = new Set(["student", "parent"]);
const DECIDERS = new Set(["tutor", "admin"]);
/** Those who may see the connection status (docs/api.md). */
const WATCHERS = new Set(["tutor", "student", "admin"]);

function hasBegun(session) {
  return !session.scheduled_start || Date.parse(session.scheduled_start) <= Date.now();
}

function isOver({ scheduled_end: end }) {
  return !end || Date.parse(end) <= Date.now();
}

/** Whether people may be at the whiteboard by the schedule: old rows may say for ever that they run. */
function isAboutNow({ scheduled_start: start, scheduled_end: end }) {
  if (!start || !end) return true;
  return Date.parse(start) - EARLY_MS <= Date.now() && Date.now() < Date.parse(end);
}

function isMarked({ students }) {
  return students.some(({ attendance_source: source }) => source !== NOT_MARKED);
}

/** Whether others decided on everybody on whom this role could decide, so that it has to ask them. */
function isOthers(role, session) {
  const { students, tutor_attendance_source: tutor } = session;
  if (role === ADMIN || role === STUDENT || !students.length) return false;
  if (role === PARENT) return students.every(({ attendance_source: source }) => !isParentsToDecide(session, source));
  return tutor === ADMINS && isAdmins(students);
}

function isAdmins(students) {
  return students.every(({ attendance_source: source }) => source === ADMINS);
}

/** How a parent can have a mark changed; nothing once it is too late. */
function objectionHint(session) {
  const { students, tutor_name: tutor } = session;
  if (!students.some(({ attendance_marked_at: at }) => isTimeToObject(session, at))) return null;
  return text(isAdmins(students) ? "lesson.decidedByAdminParent" : "lesson.markedParent", { tutor });
}

/** Why nobody marks it here; null where the role marks, or only reads. */
function hint(role, session) {
  if (session.status === CANCELLED) return text("lesson.cancelled");
  if (!hasBegun(session)) {
    if (role === STUDENT) return null;
    return text("lesson.notBegun", { when: dateTime(session.scheduled_start) });
  }
  if (!isOthers(role, session)) return null;
  return role === PARENT ? objectionHint(session) : text("lesson.decidedByAdmin");
}

/**
 * Return whose mark a role may withdraw, `{ tutor, students }`: whether the tutor's, and which students': a parent what a
 * parent reported, a tutor what no admin decided, an admin everything.
 */
export function withdrawableBy(role, session) {
  const isTheirs = {
    parent: (source) => source === "parent_reported",
    tutor: (source) => source !== NOT_MARKED && source !== "admin_override",
    admin: (source) => source !== NOT_MARKED,
  }[role];
  if (!isTheirs) return { tutor: false, students: [] };
  return {
    tutor: role !== PARENT && isTheirs(session.tutor_attendance_source),
    students: session.students.filter(({ attendance_source: source }) => isTheirs(source)),
  };
}

function announceableBy(role, session) {
  if (session.status === CANCELLED || hasBegun(session)) return [];
  if (role === PARENT) return ["student"];
  return DECIDERS.has(role) ? DECIDED_ON : [];
}

/**
 * Return `{ isCancelled, isToCome, isOver, accepts, marks, excuses, announces, seesClaims, claims, watches, hint }`: whether the
 * lesson is cancelled, has not begun, or is over by its schedule, whatever its status says; whether a role may accept a
 * suggestion; which of `tutor` and `student` it may mark, excuse, or announce as absent before the session begins; whether
 * there can be claims, and whether it may raise one; whether it can see who is on the whiteboard; and, where it may mark
 * neither, why not. Nobody is asked about what only others may change.
 */
export function permissionsOf(role, session) {
  const isCancelled = session.status === CANCELLED;
  const isDecidable = !isCancelled && hasBegun(session);
  const isOpen = isDecidable && !isOthers(role, session);
  const accepts = DECIDERS.has(role) && isOpen;
  const reports = role === PARENT && isOpen;
  return {
    isCancelled,
    isToCome: !isCancelled && !hasBegun(session),
    isOver: isOver(session),
    accepts,
    marks: accepts ? DECIDED_ON : reports ? ["student"] : [],
    excuses: accepts ? (role === ADMIN ? DECIDED_ON : ["student"]) : [],
    seesClaims: isDecidable,
    claims: CLAIMANTS.has(role) && isDecidable && (isOver(session) || isMarked(session)),
    announces: announceableBy(role, session),
    watches: WATCHERS.has(role) && OPEN.has(session.status) && isAboutNow(session) && Boolean(session.whiteboard_id),
    hint: hint(role, session),
  };
}

// What the page offers to whom. Pure. What a person may do is decided by the service (docs/decisions.md).

import { NOT_MARKED } from "../../components.js";
import { text } from "../../localization.js";
import { DECIDED_ON } from "./people.js";

const CANCELLED = "cancelled";
const PARENT = "parent";
/** Lessons during which people may be on the whiteboard. */
const OPEN = new Set(["scheduled", "in-progress", "in_progress"]);
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

function isMarked({ students }) {
  return students.some(({ attendance_source: source }) => source !== NOT_MARKED);
}

function hint(session) {
  if (session.status === CANCELLED) return text("lesson.cancelled");
  return hasBegun(session) ? text("lesson.looking") : text("lesson.notBegun");
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
 * Return `{ accepts, marks, excuses, announces, seesClaims, claims, watches, hint }`: whether a role may accept a
 * suggestion; which of `tutor` and `student` it may mark, excuse, or announce as absent before the session begins; whether
 * there can be claims, and whether it may raise one; whether it can see who is on the whiteboard; and, where it may mark
 * neither, why not.
 */
export function permissionsOf(role, session) {
  const isDecidable = session.status !== CANCELLED && hasBegun(session);
  const accepts = DECIDERS.has(role) && isDecidable;
  const reports = role === PARENT && isDecidable;
  return {
    accepts,
    marks: accepts ? DECIDED_ON : reports ? ["student"] : [],
    excuses: accepts ? (role === "admin" ? DECIDED_ON : ["student"]) : [],
    seesClaims: isDecidable,
    claims: CLAIMANTS.has(role) && isDecidable && (isOver(session) || isMarked(session)),
    announces: announceableBy(role, session),
    watches: WATCHERS.has(role) && OPEN.has(session.status) && Boolean(session.whiteboard_id),
    hint: accepts || reports ? null : hint(session),
  };
}

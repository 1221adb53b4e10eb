// What the page offers to whom. Pure. What a person may do is decided by the service (docs/decisions.md).

import { NOT_MARKED } from "../../components.js";
import { text } from "../../localization.js";
import { DECIDED_ON, isGroupClass } from "./people.js";

const CANCELLED = "cancelled";
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
 * Return those of `tutor` and `student` whose mark a role may withdraw: a parent what a parent reported, a tutor what no
 * admin decided, an admin everything.
 */
export function withdrawableBy(role, session) {
  const sourceOf = (person) => session[`${person}_attendance_source`];
  if (role === PARENT) return sourceOf("student") === "parent_reported" ? ["student"] : [];
  if (!DECIDERS.has(role)) return [];
  const above = role === "admin" ? [NOT_MARKED] : [NOT_MARKED, "admin_override"];
  return DECIDED_ON.filter((person) => !above.includes(sourceOf(person)));
}

function announceableBy(role, session) {
  if (session.status === CANCELLED || hasBegun(session)) return [];
  if (role === PARENT) return ["student"];
  return DECIDERS.has(role) ? DECIDED_ON : [];
}

/**
 * Return `{ accepts, marks, announces, watches, hint }`: whether a role may accept a suggestion, which of `tutor` and
 * `student` it may mark, or announce as absent before the session begins, whether it can see who is on the whiteboard,
 * and, where it may mark neither, why not.
 */
export function permissionsOf(role, session) {
  const isDecidable = session.status !== CANCELLED && hasBegun(session);
  const accepts = DECIDERS.has(role) && isDecidable;
  const reports = role === PARENT && isDecidable && !isGroupClass(null, session);
  return {
    accepts,
    marks: accepts ? DECIDED_ON : reports ? ["student"] : [],
    announces: announceableBy(role, session),
    watches: WATCHERS.has(role) && OPEN.has(session.status) && Boolean(session.whiteboard_id),
    hint: accepts || reports ? null : hint(role, session),
  };
}

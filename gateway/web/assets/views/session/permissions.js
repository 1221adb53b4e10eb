// What the page offers to whom. What somebody may do is decided by the service (docs/api.md).

import { text } from "../../strings/index.js";
import { isGroupClass } from "./people.js";

const CANCELLED = "cancelled";
const PARENT = "parent";
/** Lessons whose whiteboard people may be on. */
const OPEN = new Set(["scheduled", "in-progress", "in_progress"]);
const DECIDERS = new Set(["tutor", "admin"]);
/** Those who may see the connection status (docs/api.md). */
const WATCHERS = new Set(["tutor", "student", "admin"]);

function hint(role, isCancelled) {
  if (isCancelled) return text("session.cancelled");
  return text(role === PARENT ? "session.parentOfClass" : "session.looking");
}

/**
 * Return `{ accepts, marks, watches, hint }`: whether somebody in this role may accept a suggestion, which of `tutor`
 * and `student` they may mark, whether there is a whiteboard on which they can see who is there, and why they may not
 * mark anybody.
 */
export function permissions(role, session) {
  const isCancelled = session.status === CANCELLED;
  const accepts = DECIDERS.has(role) && !isCancelled;
  const reports = role === PARENT && !isCancelled && !isGroupClass(null, session);
  return {
    accepts,
    marks: accepts ? ["tutor", "student"] : reports ? ["student"] : [],
    watches: WATCHERS.has(role) && OPEN.has(session.status) && Boolean(session.whiteboard_id),
    hint: accepts || reports ? null : hint(role, isCancelled),
  };
}

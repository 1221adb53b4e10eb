// What was recorded about a student before a parent reported.

import { call } from "../../api.js";

const NOT_MARKED = "system_default";
const PARENTS = "parent_reported";
/** More decisions than a parent's report has before it. */
const PAGE = 50;

/**
 * Return the status that a parent's report replaced, out of the decisions on its lesson, newest first (docs/api.md,
 * AttendanceDecision); null: there was none. A parent may have reported several times.
 */
export function replacedByReport(decisions, studentId) {
  for (const decision of decisions) {
    const student = decision.students.find(({ student_id: id }) => id === studentId);
    const change = student ?? (decision.students.length ? {} : ofWhole(decision));
    if (!(change.status_after || change.withdrawn)) continue;
    if (change.withdrawn || change.source_before === NOT_MARKED) return null;
    if (change.source_before !== PARENTS) return change.status_before ?? null;
  }
  return null;
}

function ofWhole(decision) {
  return {
    status_before: decision.student_status_before,
    status_after: decision.student_status_after,
    withdrawn: decision.student_withdrawn,
    source_before: decision.source_before,
  };
}

/** Read it. Null also where it can't be read: the question is asked all the same. */
export async function markBefore(session, studentId, signal) {
  try {
    const path = `/api/tutor/sessions/${session.id}/attendance-history`;
    const { decisions } = await call(path, { query: { page_size: PAGE }, signal });
    return replacedByReport(decisions, studentId);
  } catch {
    return null;
  }
}

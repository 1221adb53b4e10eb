// The calls that accept suggestions, one or many. No elements.

import { ApiError, call, STATUS } from "../../api.js";
import { announceChange } from "../../changes.js";
import { applySuggestions, decide } from "../../writes.js";
import { isClass } from "./state.js";

const PATH = "/api/tutor/sessions";
const ACCEPTED = "whiteboard_auto";
/** Lessons written by one call: few enough to show progress. */
const BATCH_SIZE = 10;
/** Reasons that pass: the same lesson may be written a little later. */
const TEMPORARY = new Set(["STORAGE_CONFLICT", "STORAGE_UNAVAILABLE", "TRACKING_UNAVAILABLE", "UNAVAILABLE"]);
const SUGGESTION_CHANGED = "SUGGESTION_CHANGED";

/** Return a lesson as it is after its suggestion was accepted. */
function accepted(session, etag) {
  const { suggestion, students } = session;
  const statuses = new Map(suggestion.students.map((one) => [one.student_id, one.status_suggestion]));
  const only = isClass(session) ? null : suggestion.student_status_suggestion;
  return {
    ...session,
    attendance_source: ACCEPTED,
    tutor_attendance_source: ACCEPTED,
    student_attendance_source: ACCEPTED,
    tutor_attendance_status: suggestion.tutor_status_suggestion,
    student_attendance_status: suggestion.student_status_suggestion,
    students: students.map((student) => ({
      ...student,
      attendance_status: only ?? statuses.get(student.student_id),
      attendance_source: ACCEPTED,
    })),
    undecided_students: 0,
    suggestion_is_clear: false,
    attendance_etag: etag,
  };
}

/** Accept what is suggested about one lesson, if it is still what was shown; return the lesson then. Throws as `call`. */
export async function accept(session) {
  const body = { use_suggestion: true, etag: session.suggestion.etag, attendance_etag: session.attendance_etag };
  const { attendance_etag: etag } = await decide(session, body);
  announceChange(session.id);
  return accepted(session, etag);
}

/** Read a lesson again; one whose suggestion has changed is judged again by that. Throws as `call`. */
export async function readAgain(sessionId, { reason = "", signal } = {}) {
  if (reason === SUGGESTION_CHANGED) await call(`${PATH}/${sessionId}/attendance-suggestion`, { signal });
  return call(`${PATH}/${sessionId}`, { signal });
}

/**
 * Accept what is suggested about `sessions`, a batch at a time: call `step()` until nothing is `pending`. `written` has
 * each lesson as it is then, `left` those that stay as they are, `{ session, reason, message }`. When `step` throws
 * ApiError, the rest is still pending and `step` may be called again: nothing is written twice.
 */
export function acceptMany(sessions) {
  const pending = new Map(sessions.map((session) => [session.id, session]));
  const written = [];
  const left = [];

  function send(part) {
    return applySuggestions(part.map(({ id, suggestion }) => ({ session_id: id, etag: suggestion.etag })));
  }

  function take(id) {
    const session = pending.get(id);
    pending.delete(id);
    return session;
  }

  function leave({ session_id: id, reason, message }) {
    left.push({ session: take(id), reason, message });
  }

  return {
    pending,
    written,
    left,
    async step() {
      const answer = await send([...pending.values()].slice(0, BATCH_SIZE));
      for (const { session_id: id, attendance_etag: etag } of answer.applied) {
        written.push(accepted(take(id), etag));
        announceChange(id);
      }
      for (const result of answer.not_applied) if (!TEMPORARY.has(result.reason)) leave(result);
      const postponed = answer.not_applied.find(({ reason }) => TEMPORARY.has(reason));
      if (postponed) throw new ApiError(postponed.message, { status: STATUS.unavailable, reason: postponed.reason });
    },
  };
}

// Writing a decision, and finding out what came in between.

import { call } from "../../api.js";
import { statusWord } from "../../components/status-badge.js";
import { text } from "../../strings/index.js";

const path = (sessionId) => `/api/tutor/sessions/${sessionId}`;

/** Return the session as it is stored (docs/api.md, Session). */
export function readSession(sessionId, signal) {
  return call(path(sessionId), { signal });
}

/** Return what the facts suggest now. */
export function readSuggestion(sessionId, signal) {
  return call(`${path(sessionId)}/attendance-suggestion`, { signal });
}

/** Return a page of the decisions, newest first. */
export function readHistory(sessionId, { size, pageToken, signal }) {
  return call(`${path(sessionId)}/attendance-history`, { query: { page_size: size, page_token: pageToken }, signal });
}

/** What is stored after a decision, as far as its answer tells. */
function afterwards(session, decision, { success: _, session_id: __, ...stored }) {
  const source = (person) => (decision.use_suggestion || decision[`${person}_attendance_status`]
    ? stored.attendance_source : session[`${person}_attendance_source`]);
  const sources = { tutor_attendance_source: source("tutor"), student_attendance_source: source("student") };
  return { ...session, ...stored, ...sources };
}

/** Record a decision and return the session as it is stored then. Never cut off: was it made then, or not? */
export async function save(session, decision) {
  const answer = await call(`${path(session.id)}/attendance`, { method: "PUT", body: decision });
  return readSession(session.id).catch(() => afterwards(session, decision, answer));
}

/** Tell in a sentence who decided last, and what. */
export async function lastDecision(sessionId, signal) {
  const { decisions: [last] } = await readHistory(sessionId, { size: 1, signal });
  if (!last) return text("session.changed.unknown");
  const outcomes = ["tutor", "student"].filter((person) => last[`${person}_status_after`])
    .map((person) => text("session.changed.outcome", {
      person: text(`common.${person}`),
      status: statusWord(last[`${person}_status_after`]),
    }));
  return text("session.changed.decided", {
    name: last.decided_by_name,
    role: text(`common.role.${last.decided_by_role}`),
    outcomes: outcomes.join(", ") || text("session.changed.notesAlone"),
  });
}

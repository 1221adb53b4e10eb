// Sending a decision.

import { call } from "../../api.js";
import { decide } from "../../writes.js";
import { DECIDED_ON } from "./people.js";

/** Return the API's path of a session. */
export function sessionPath(sessionId) {
  return `/api/tutor/sessions/${sessionId}`;
}

/** Return the session as it is stored after a decision, as far as the answer to it says. */
function storedAfter(session, decision, { success: _, session_id: __, ...stored }) {
  const isDecided = (person) => decision.use_suggestion || decision[`${person}_attendance_status`];
  const sources = DECIDED_ON.map((person) => {
    const name = `${person}_attendance_source`;
    return [name, isDecided(person) ? stored.attendance_source : session[name]];
  });
  return { ...session, ...stored, ...Object.fromEntries(sources) };
}

/**
 * Record a decision. Returns `{ stored, isClaim }`: the session as it is stored then, and whether a parent's word became a
 * claim, as the policy says. It takes no signal: a call that is cut off may have been carried out or not.
 */
export async function save(session, decision) {
  const { claim_id: claim, ...answer } = await decide(session, decision);
  const stored = await call(sessionPath(session.id)).catch(() => storedAfter(session, decision, answer));
  return { stored, isClaim: claim !== undefined };
}

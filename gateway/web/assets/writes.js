// Calls that write. If a service or the gateway ends, the answer to one is lost, and nobody knows whether it was carried
// out. So it is sent again: each is made in a way that the second one is refused if the first one was carried out, and a
// refusal is taken for the first one's success only if what is stored is what this person asked for.

import { call, STATUS } from "./api.js";
import { identity } from "./identity.js";

const SESSIONS = "/api/tutor/sessions";
const CLAIMS = "/api/claims";
const POLICIES = "/api/admin/attendance-policies";
/** Nothing answered, or the gateway said that a service ended: another one may answer at once. */
const LOST = new Set(["OFFLINE", "SERVICE_UNAVAILABLE"]);
const ALREADY_MARKED = "ALREADY_MARKED";
const ATTENDANCE_CHANGED = "ATTENDANCE_CHANGED";
const CLAIM_ANSWERED = "CLAIM_ANSWERED";
const CLAIM_OPEN = "CLAIM_OPEN";
const NOTHING_ANNOUNCED = "NOTHING_ANNOUNCED";
const POLICY_CHANGED = "POLICY_CHANGED";
/** The source of a suggestion that was accepted. */
const ACCEPTED = "whiteboard_auto";
/** As long as the gateway says. */
const AGAIN_AFTER_MS = 1000;
/** As many as the API gives at once: more claims than there are about any session. */
const ALL_CLAIMS = 200;

/** What was sent and perhaps carried out: to send it again, by itself or by "Try again", is no second act. */
const unanswered = new Set();

function mayBeCarriedOut({ status }) {
  return status === 0 || status >= STATUS.failed;
}

/**
 * Make a call that writes. If its answer is lost, it is sent once more. `carriedOut(refusal)` is asked when a call is refused
 * whose answer was lost before: it returns what that one would have answered, or null if it was not carried out. It takes
 * no signal: a call that is cut off may have been carried out or not. Throws as `call`.
 */
export async function write(path, { method = "POST", body }, carriedOut = () => null) {
  const key = JSON.stringify([method, path, body]);
  for (let isAgain = false; ; isAgain = true) {
    try {
      const answer = await call(path, { method, body });
      unanswered.delete(key);
      return answer;
    } catch (problem) {
      if (!mayBeCarriedOut(problem)) {
        const answer = unanswered.has(key) ? await carriedOut(problem) : null;
        if (!problem.mayPass) unanswered.delete(key);
        if (answer) return answer;
        throw problem;
      }
      unanswered.add(key);
      if (isAgain || !LOST.has(problem.reason)) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/**
 * Return a session as it is stored, if the last entry of its history is of the person signed in, and later than the record
 * that was read as `session`; else null. `isWithdrawal`: whether that entry has to be a withdrawal or a decision.
 */
async function withOwnEntry(session, { isWithdrawal }) {
  const path = `${SESSIONS}/${session.id}`;
  const [stored, { decisions }] = await Promise.all([
    call(path),
    call(`${path}/attendance-history`, { query: { page_size: 1 } }),
  ]);
  const [last] = decisions;
  if (!last || Boolean(last.tutor_withdrawn || last.student_withdrawn) !== isWithdrawal) return null;
  const isNew = new Date(last.decided_at) > new Date(session.attendance_marked_at ?? 0);
  return isNew && last.decided_by === identity()?.userId ? stored : null;
}

async function ownClaims(sessionId) {
  const { claims } = await call(CLAIMS, { query: { session_id: sessionId, page_size: ALL_CLAIMS } });
  return claims.filter(({ raised_by: raiser }) => raiser === identity()?.userId);
}

/** Return the session with the claim that a parent's word became, if that is what it became; else null. */
async function withOwnClaim(session, { students = [], student_attendance_status: status }) {
  const claimed = new Map(students.map((student) => [student.student_id, student.status]));
  const claims = await ownClaims(session.id);
  const own = claims.find(
    (one) => one.state === "open" && one.claimed_status === (claimed.get(one.student_id) ?? status),
  );
  return own ? { ...(await call(`${SESSIONS}/${session.id}`)), claim_id: own.claim_id } : null;
}

/**
 * Decide on a session as it was read; its `attendance_etag` has to be in `body`. Returns the answer, or the session as it is
 * stored if the answer was lost. Throws as `call`.
 */
export function decide(session, body) {
  return write(`${SESSIONS}/${session.id}/attendance`, { method: "PUT", body }, ({ reason }) => {
    if (reason === ATTENDANCE_CHANGED) return withOwnEntry(session, { isWithdrawal: false });
    return reason === CLAIM_OPEN ? withOwnClaim(session, body) : null;
  });
}

/** Withdraw what was decided on a session as it was read, and return it as it is stored then. Throws as `call`. */
export async function withdraw(session, asked = {}) {
  const body = { ...asked, attendance_etag: session.attendance_etag };
  const answer = await write(`${SESSIONS}/${session.id}/attendance:withdraw`, { body }, async ({ reason }) => {
    const stored = reason === ATTENDANCE_CHANGED ? await withOwnEntry(session, { isWithdrawal: true }) : null;
    return stored && { session: stored };
  });
  return answer.session;
}

/** Accept many suggestions; of what the person signed in had accepted already, the answer says that, too. Throws as `call`. */
export async function applySuggestions(sessions) {
  const { applied, not_applied: others } = await write(`${SESSIONS}:applySuggestions`, { body: { sessions } });
  const results = await Promise.all(others.map(async (one) => (await ownAcceptance(one)) ?? one));
  const isApplied = ({ reason }) => reason === undefined;
  return { applied: [...applied, ...results.filter(isApplied)], not_applied: results.filter((it) => !isApplied(it)) };
}

async function ownAcceptance({ session_id: id, reason }) {
  if (reason !== ALREADY_MARKED) return null;
  const stored = await call(`${SESSIONS}/${id}`);
  const isOwn = stored.attendance_marked_by === identity()?.userId && stored.attendance_source === ACCEPTED;
  return isOwn ? { session_id: id, attendance_etag: stored.attendance_etag } : null;
}

/** Announce an absence, or take that back (`withdrawn`): the same twice is the same once. Throws as `call`. */
export async function sendAbsenceNotice(sessionId, body) {
  try {
    return await write(`${SESSIONS}/${sessionId}/absence-notices`, { body });
  } catch (problem) {
    // The gateway sends it again, too.
    if (body.withdrawn && problem.reason === NOTHING_ANNOUNCED) return body;
    throw problem;
  }
}

/** Object to what is recorded about a student; returns the claim. Throws as `call`. */
export function raiseClaim(sessionId, body) {
  const isSame = (claim) => ["student_id", "claimed_status", "note"].every((name) => claim[name] === body[name]);
  return write(`${SESSIONS}/${sessionId}/claims`, { body }, async ({ reason }) =>
    reason === CLAIM_OPEN ? ((await ownClaims(sessionId)).find(isSame) ?? null) : null,
  );
}

/** Answer a claim; returns `{ claim }`. Throws as `call`. */
export function answerClaim({ claim_id: id, session_id: sessionId }, body) {
  return write(`${CLAIMS}/${id}:answer`, { body }, async ({ reason }) => {
    if (reason !== CLAIM_ANSWERED) return null;
    const { claims } = await call(CLAIMS, { query: { session_id: sessionId, page_size: ALL_CLAIMS } });
    const claim = claims.find((one) => one.claim_id === id);
    const isOwn = claim?.answered_by === identity()?.userId && claim.state === body.answer;
    return isOwn ? { claim } : null;
  });
}

/** Put a policy into force in the place of the version that `draft` replaces; returns it. Throws as `call`. */
export function createPolicy(draft) {
  const { course_id: course, limits = {} } = draft;
  function isSame(policy) {
    const isLimitsSame = Object.entries(limits).every(([name, value]) => policy.limits?.[name] === value);
    const isSaid = policy.note === draft.note && Boolean(policy.withdrawn) === Boolean(draft.withdrawn);
    return policy.created_by === identity()?.userId && isSaid && isLimitsSame;
  }
  return write(POLICIES, { body: draft }, async ({ reason }) => {
    if (reason !== POLICY_CHANGED) return null;
    const { policies } = await call(POLICIES, { query: { course_id: course } });
    const newest = policies.find((one) => (one.course_id ?? null) === (course ?? null));
    return newest && isSame(newest) ? newest : null;
  });
}

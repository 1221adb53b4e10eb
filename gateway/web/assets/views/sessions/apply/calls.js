// What is asked of applySuggestions: first what it would write, then to write what was chosen of that.

import { ApiProblem, STATUS, call } from "../../../api.js";
import { sessionsById } from "./sessions-by-id.js";

const PATH = "/api/tutor/sessions:applySuggestions";
/** Sessions written by one call: few enough to show progress, and far from what a call takes. */
const AT_ONCE = 10;
/** Something was away: the session may be written a moment later. */
const AWAY = new Set(["NOT_TRIED", "STORAGE_CONFLICT", "STORAGE_UNAVAILABLE", "TRACKING_UNAVAILABLE", "UNAVAILABLE"]);
const ALREADY_MARKED = "ALREADY_MARKED";
/** Marked already, when an attempt before may have done it. */
const PERHAPS_MARKED = "PERHAPS_MARKED";

/**
 * Look at what could be written, page by page. `suggested` and `left` hold what was found so far:
 * `{ session, tutor, student, etag }` and `{ session, reason, message }`.
 */
export function lookingAt(signal) {
  const find = sessionsById(signal);
  let token = "";
  return {
    suggested: [],
    left: [],
    hasMore: true,
    get count() {
      return this.suggested.length + this.left.length;
    },
    async nextPage() {
      const page = await call(PATH, { method: "POST", body: { preview: true, page_token: token }, signal });
      const sessions = await find([...page.applied, ...page.not_applied].map(({ session_id: id }) => id));
      this.suggested.push(...page.applied.map((one) => ({
        session: sessions.get(one.session_id), etag: one.etag,
        tutor: one.tutor_attendance_status, student: one.student_attendance_status,
      })));
      this.left.push(...page.not_applied.map(({ session_id: id, reason, message }) => (
        { session: sessions.get(id), reason, message })));
      token = page.next_page_token;
      this.hasMore = Boolean(token);
    },
  };
}

/** Tell whether a call that failed so may have been carried out. */
function mayHaveWritten({ status }) {
  return status === 0 || status >= STATUS.unavailable;
}

/**
 * Write what was chosen of `suggested`, some at a time: `step(signal)` until nothing is `pending`. `written` and `left`
 * are as in `lookingAt`. ApiProblem: the rest is still pending, and `step` may be called again: nothing is written
 * twice.
 */
export function writing(chosen) {
  const pending = new Map(chosen.map((one) => [one.session.id, one]));
  const uncertain = new Set();
  const written = [];
  const left = [];

  async function send(part, signal) {
    const sessions = part.map(({ session, etag }) => ({ session_id: session.id, etag }));
    try {
      return await call(PATH, { method: "POST", body: { sessions }, signal });
    } catch (problem) {
      if (mayHaveWritten(problem)) part.forEach(({ session }) => uncertain.add(session.id));
      throw problem;
    }
  }

  function settle({ session_id: id, reason, message }) {
    const { session } = pending.get(id);
    pending.delete(id);
    const perhaps = reason === ALREADY_MARKED && uncertain.has(id);
    left.push({ session, reason: perhaps ? PERHAPS_MARKED : reason, message });
  }

  return {
    pending,
    written,
    left,
    async step(signal) {
      const answer = await send([...pending.values()].slice(0, AT_ONCE), signal);
      for (const { session_id: id } of answer.applied) {
        written.push(pending.get(id));
        pending.delete(id);
      }
      answer.not_applied.filter(({ reason }) => !AWAY.has(reason)).forEach(settle);
      const away = answer.not_applied.find(({ reason }) => AWAY.has(reason));
      if (away) throw new ApiProblem(away.message, { status: STATUS.unavailable, reason: away.reason });
    },
  };
}

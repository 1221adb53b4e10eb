// The calls that accept many suggestions: first a preview of what applySuggestions would write, then the writing of what
// was chosen of it. No elements.

import { ApiError, call, STATUS } from "../../../api.js";

/** The most that the API gives at once. */
const MAX_PAGE_SIZE = 200;
/** So many pages are searched for a session; after that it is read by itself. */
const MAX_PAGES = 2;
/** No later day has a suggestion in any time zone. */
const DAYS_AHEAD = 2;

function lastDay() {
  const then = new Date();
  then.setUTCDate(then.getUTCDate() + DAYS_AHEAD);
  return then.toISOString().slice(0, "YYYY-MM-DD".length);
}

/**
 * Return `find(ids)`, which returns a Map from id to Session: applySuggestions itself answers with numbers only. It reads
 * on where it stopped, because the list of unmarked sessions has the same order as the preview, newest first.
 */
function sessionFinder(signal) {
  const known = new Map();
  const query = { attendance_filter: "unmarked", date_to: lastDay(), page_size: MAX_PAGE_SIZE, page_token: "" };
  let ended = false;

  async function readNextPage() {
    const { sessions, next_page_token: token } = await call("/api/tutor/sessions", { query, signal });
    for (const session of sessions) known.set(session.id, session);
    query.page_token = token;
    ended = !token;
  }

  return async function find(ids) {
    const missing = () => ids.filter((id) => !known.has(id));
    for (let pages = 0; pages < MAX_PAGES && !ended && missing().length; pages += 1) await readNextPage();
    const others = await Promise.all(missing().map((id) => call(`/api/tutor/sessions/${id}`, { signal })));
    for (const session of others) known.set(session.id, session);
    return known;
  };
}

const PATH = "/api/tutor/sessions:applySuggestions";
/** Sessions written by one call: few enough to show progress. */
const BATCH_SIZE = 10;
/** Reasons that pass: the same session may be written a little later. */
const TEMPORARY = new Set(["STORAGE_CONFLICT", "STORAGE_UNAVAILABLE", "TRACKING_UNAVAILABLE", "UNAVAILABLE"]);
const ALREADY_MARKED = "ALREADY_MARKED";
/** Marked already, perhaps by an earlier attempt whose answer was lost. */
const PERHAPS_MARKED = "PERHAPS_MARKED";

/**
 * Make a preview of what would be written, read page by page. `suggested` and `left` hold what was read so far:
 * `{ session, tutor, student, students, etag }` and `{ session, reason, message }`.
 */
export function previewOf(signal) {
  const find = sessionFinder(signal);
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
      this.suggested.push(
        ...page.applied.map((one) => ({
          session: sessions.get(one.session_id),
          etag: one.etag,
          tutor: one.tutor_attendance_status,
          student: one.student_attendance_status,
          students: one.students ?? [],
        })),
      );
      this.left.push(
        ...page.not_applied.map(({ session_id: id, reason, message }) => ({
          session: sessions.get(id),
          reason,
          message,
        })),
      );
      token = page.next_page_token;
      this.hasMore = Boolean(token);
    },
  };
}

/** Return whether a call that failed like this may have been carried out. */
function mayHaveWritten({ status }) {
  return status === 0 || status >= STATUS.unavailable;
}

/**
 * Write what was chosen of `suggested`, a batch at a time: call `step(signal)` until nothing is `pending`. `written` and
 * `left` are like `suggested` and `left` of a preview. When `step` throws ApiError, the rest is still pending and `step`
 * may be called again: nothing is written twice.
 */
export function writerOf(chosen) {
  const pending = new Map(chosen.map((one) => [one.session.id, one]));
  const uncertain = new Set();
  const written = [];
  const left = [];

  async function send(part, signal) {
    const sessions = part.map(({ session, etag }) => ({ session_id: session.id, etag }));
    try {
      return await call(PATH, { method: "POST", body: { sessions }, signal });
    } catch (problem) {
      if (mayHaveWritten(problem)) for (const { session } of part) uncertain.add(session.id);
      throw problem;
    }
  }

  function settle({ session_id: id, reason, message }) {
    const { session } = pending.get(id);
    pending.delete(id);
    const isPerhapsOurs = reason === ALREADY_MARKED && uncertain.has(id);
    left.push({ session, reason: isPerhapsOurs ? PERHAPS_MARKED : reason, message });
  }

  return {
    pending,
    written,
    left,
    async step(signal) {
      const answer = await send([...pending.values()].slice(0, BATCH_SIZE), signal);
      for (const { session_id: id } of answer.applied) {
        written.push(pending.get(id));
        pending.delete(id);
      }
      for (const result of answer.not_applied) if (!TEMPORARY.has(result.reason)) settle(result);
      const postponed = answer.not_applied.find(({ reason }) => TEMPORARY.has(reason));
      if (postponed) throw new ApiError(postponed.message, { status: STATUS.unavailable, reason: postponed.reason });
    },
  };
}

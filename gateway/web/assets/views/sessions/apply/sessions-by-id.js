// The names and times of the sessions that are looked at: applySuggestions itself answers with numbers alone.

import { call } from "../../../api.js";

/** The most that the API gives at once. */
const LARGEST_PAGE = 200;
/** Of lists; whatever is not in them by then is asked for by itself. */
const MOST_PAGES = 2;
/** No suggestion about a later day is looked at; in whichever time zone today is. */
const DAYS_AHEAD = 2;

function lastDay() {
  const then = new Date();
  then.setUTCDate(then.getUTCDate() + DAYS_AHEAD);
  return then.toISOString().slice(0, "YYYY-MM-DD".length);
}

/**
 * Return `find(ids)`, which gives a Map from id to Session. It goes on where it stopped: the list of unmarked sessions
 * is in the order in which suggestions are looked at, newest first.
 */
export function sessionsById(signal) {
  const known = new Map();
  const query = { attendance_filter: "unmarked", date_to: lastDay(), page_size: LARGEST_PAGE, page_token: "" };
  let ended = false;

  async function readOn() {
    const { sessions, next_page_token: token } = await call("/api/tutor/sessions", { query, signal });
    for (const session of sessions) known.set(session.id, session);
    query.page_token = token;
    ended = !token;
  }

  return async function find(ids) {
    const missing = () => ids.filter((id) => !known.has(id));
    for (let pages = 0; pages < MOST_PAGES && !ended && missing().length; pages += 1) await readOn();
    const others = await Promise.all(missing().map((id) => call(`/api/tutor/sessions/${id}`, { signal })));
    for (const session of others) known.set(session.id, session);
    return known;
  };
}

// The lessons of a record: those to come, those that wait to be marked, and past ones page by page; and reading one again
// where something changed.

import { call } from "../../api.js";
import { phaseOf } from "../../lesson-times.js";
import { dateOf } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { groupBy } from "./grouping.js";
import { inOrder, isOf, partOf, recordOf } from "./lesson-state.js";

const PATH = "/api/tutor/sessions";
const MAX_PAGE = 200;
const PAST_PAGE = 50;
/** How many past lessons are shown at first, and more at each click. */
const PAST_ROWS = 20;
/** How far ahead lessons are shown. */
export const COMING_DAYS = 28;
const DAY_MS = 86_400_000;
const GONE = new Set([403, 404]);

/** The lessons of one student (student_profiles.id; null: all that the person signed in may see). */
export class Lessons {
  /** By id. */
  #sessions = new Map();
  #studentId;
  #signal;
  #past;
  /** Whether the first past lessons are there. */
  #hasBegun = false;

  constructor(studentId, signal) {
    this.#studentId = studentId;
    this.#signal = signal;
    this.#past = new PagedList({
      readPage: (pageToken) => this.#read({ date_to: dateOf(Date.now()), page_size: PAST_PAGE, page_token: pageToken }),
      rowsOf: ({ sessions }) => sessions.filter((one) => isOf(one, studentId) && this.#partOf(one) === "past"),
      minRows: PAST_ROWS,
    });
  }

  #partOf(session) {
    return partOf(session, this.#studentId);
  }

  async #read(query) {
    const answer = await call(PATH, { query, signal: this.#signal });
    for (const session of answer.sessions) if (isOf(session, this.#studentId)) this.#sessions.set(session.id, session);
    return answer;
  }

  async #readAll(query) {
    let token = "";
    do {
      const answer = await this.#read({ ...query, page_size: MAX_PAGE, page_token: token });
      token = answer.next_page_token;
    } while (token);
  }

  get hasMore() {
    return this.#past.hasMore;
  }

  /** Read what is shown first. What was read before a failure stays, and need not be read again. */
  async load() {
    const today = dateOf(Date.now());
    const last = dateOf(Date.now() + COMING_DAYS * DAY_MS);
    await Promise.all([
      this.#readAll({ date_from: today, date_to: last }),
      this.#readAll({ attendance_filter: "unmarked", date_to: today }),
      this.#hasBegun ? null : this.more(),
    ]);
  }

  /** Read further past lessons. */
  async more() {
    const added = await this.#past.next(this.#signal);
    this.#hasBegun = true;
    return added;
  }

  /** Read everything again, as far as it was read, and some of the lessons in any case; they may be another person's now. */
  async reload(sessionIds) {
    const newer = new Lessons(this.#studentId, this.#signal);
    const count = this.parts().past.length;
    const known = sessionIds.filter((id) => this.#sessions.has(id));
    await Promise.all([newer.load(), ...known.map((id) => newer.#refresh(id))]);
    while (newer.hasMore && newer.parts().past.length < count) await newer.more();
    this.#sessions = newer.#sessions;
    this.#past = newer.#past;
    this.#hasBegun = true;
  }

  async #refresh(sessionId) {
    try {
      this.put(await call(`${PATH}/${sessionId}`, { signal: this.#signal }));
    } catch (problem) {
      if (!GONE.has(problem.status)) throw problem;
    }
  }

  /** Take a lesson as it is stored now. */
  put(session) {
    if (isOf(session, this.#studentId)) this.#sessions.set(session.id, session);
  }

  get(sessionId) {
    return this.#sessions.get(sessionId);
  }

  /** Return the lessons to come for which an absence can be announced, and none is. */
  announceable() {
    const { now, coming } = this.parts();
    const isOpen = (session) =>
      ["coming", "soon"].includes(phaseOf(session)) && recordOf(session, this.#studentId).announced === undefined;
    return [...now, ...coming].filter(isOpen);
  }

  /** Return the lessons of each part: `now` and `coming` from the earliest on, `waiting` and `past` from the latest. */
  parts() {
    const parts = groupBy(inOrder([...this.#sessions.values()]), (session) => this.#partOf(session));
    const of = (part) => parts.get(part) ?? [];
    return { now: of("now"), coming: of("coming"), waiting: of("waiting").toReversed(), past: of("past").toReversed() };
  }
}

/** Return all claims that the person signed in may see, newest first. */
export async function readClaims(signal) {
  const claims = [];
  let token = "";
  do {
    const answer = await call("/api/claims", { query: { page_size: MAX_PAGE, page_token: token }, signal });
    claims.push(...answer.claims);
    token = answer.next_page_token;
  } while (token);
  return claims;
}

/** Return all rows of a student's report, newest first. */
export async function readReport(studentId, signal) {
  const rows = [];
  let token = "";
  do {
    const path = `/api/reports/students/${studentId}/attendance`;
    const answer = await call(path, { query: { page_size: MAX_PAGE, page_token: token }, signal });
    rows.push(...answer.sessions);
    token = answer.next_page_token;
  } while (token);
  return rows;
}

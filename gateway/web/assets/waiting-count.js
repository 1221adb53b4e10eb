// How much waits for an answer of a tutor or admin: claims, and marks that a parent changed.

import { call } from "./api.js";
import { number, text } from "./localization.js";

/** More of a kind than anybody answers in one go; beyond, it says "50+". */
const MAX_ITEMS = 50;
/** What asks for an answer. Announced absences are news. */
const KINDS = ["claim", "parents_word"];

/** Return whether an item asks for an answer. */
export function asksForAnswer({ kind }) {
  return KINDS.includes(kind);
}

/** Read the newest items of each kind that asks for an answer. */
export function readToAnswer() {
  return Promise.all(KINDS.map((kind) => readNewest(kind)));
}

/** Read the newest items of a kind that wait. */
export function readNewest(kind, signal) {
  return call("/api/inbox", { query: { kind, page_size: MAX_ITEMS }, signal });
}

/** Return how many items the newest of each kind are, `{ count, hasMore }`. */
export function countOf(answers) {
  return {
    count: answers.reduce((sum, { items }) => sum + items.length, 0),
    hasMore: answers.some(({ next_page_token: more }) => more),
  };
}

/** Return how many wait as it is written: empty, "3" or "50+". `answers` are the newest of each kind. */
export function waitingInWords(answers) {
  const { count, hasMore } = countOf(answers);
  if (!count) return "";
  return hasMore ? text("claims.many", { count: number(count) }) : number(count);
}

/** Count and pass on what is to be written; where that fails, nothing. */
export async function countWaiting(setCount) {
  const answers = await readToAnswer().catch(() => null);
  if (answers) setCount(waitingInWords(answers));
}

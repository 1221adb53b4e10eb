// How much waits for an answer of a tutor or admin: claims, and marks that a parent changed.

import { call } from "./api.js";
import { number, text } from "./localization.js";

/** More of a kind than anybody answers in one go; beyond, it says "50+". */
const MAX_ITEMS = 50;
/** Announced absences are news, and ask for nothing. */
const KINDS = ["claim", "parents_word"];

/** Return how many wait as it is written: empty, "3" or "50+". `answers` are the first pages of each kind. */
export function waitingInWords(answers) {
  const count = answers.reduce((sum, { items }) => sum + items.length, 0);
  if (!count) return "";
  return answers.some(({ next_page_token: more }) => more)
    ? text("claims.many", { count: number(count) })
    : number(count);
}

/** Count and pass on what is to be written; where that fails, nothing. */
export async function countWaiting(setCount) {
  const read = (kind) => call("/api/inbox", { query: { kind, page_size: MAX_ITEMS } });
  const answers = await Promise.all(KINDS.map(read)).catch(() => null);
  if (answers) setCount(waitingInWords(answers));
}

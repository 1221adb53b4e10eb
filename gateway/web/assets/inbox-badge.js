// How many items of the inbox wait for an answer, beside its link in the navigation.

import { call } from "./api.js";
import { number, text } from "./localization.js";

/** More than anybody answers in one go; beyond, the badge says "50+". */
const MAX_ITEMS = 50;
/** Announced absences are news, and ask for nothing. */
const WAITING = new Set(["claim", "parents_word"]);

/** Return how many wait as it is written: empty, "3" or "50+". */
export function waitingInWords({ items, next_page_token: more }) {
  const count = items.filter(({ kind }) => WAITING.has(kind)).length;
  if (!count) return "";
  return more ? text("claims.many", { count: number(count) }) : number(count);
}

/** Count and pass on what is to be written; where that fails, nothing. */
export async function countInbox(setCount) {
  const answer = await call("/api/inbox", { query: { page_size: MAX_ITEMS } }).catch(() => null);
  if (answer) setCount(waitingInWords(answer));
}

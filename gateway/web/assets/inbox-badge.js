// How many items of the inbox wait for an answer, beside its link in the navigation.

import { call } from "./api.js";
import { element } from "./components.js";
import { number, text } from "./localization.js";

/** More than anybody answers in one go; beyond, the badge says "50+". */
const MAX_ITEMS = 50;
/** Announced absences are news, and ask for nothing. */
const WAITING = new Set(["claim", "parents_word"]);

let waiting = "";

/** Return how many wait as it is written: empty, "3" or "50+". */
export function waitingInWords({ items, next_page_token: more }) {
  const count = items.filter(({ kind }) => WAITING.has(kind)).length;
  if (!count) return "";
  return more ? text("claims.many", { count: number(count) }) : number(count);
}

/** Make the badge, with what was counted last. */
export function inboxBadge() {
  const badge = element("span", { class: "count", id: "inbox-count" });
  fill(badge);
  return badge;
}

function fill(badge) {
  badge.textContent = waiting;
  badge.hidden = waiting === "";
}

/** Count again and show it; where that fails, what was counted last stays. */
export async function countInbox() {
  const answer = await call("/api/inbox", { query: { page_size: MAX_ITEMS } }).catch(() => null);
  if (!answer) return;
  waiting = waitingInWords(answer);
  const badge = document.getElementById("inbox-count");
  if (badge) fill(badge);
}

/** Forget what was counted: another person signs in. */
export function forgetInbox() {
  waiting = "";
}

// How many lessons wait to be marked, beside the link to them in the navigation.

import { call } from "./api.js";
import { number, text } from "./localization.js";

/** The API counts up to this: there may be more. */
const MAX_COUNTED = 1000;

/** Write how many lessons wait to be marked; empty: none. */
export function countInWords(count) {
  if (!count) return "";
  return count >= MAX_COUNTED ? text("toMark.many", { count: number(count) }) : number(count);
}

/** Count and pass on what is to be written; where that fails, nothing. */
export async function countToMark(setCount) {
  const query = { attendance_filter: "to_mark", with_total_size: true, page_size: 1 };
  const answer = await call("/api/tutor/sessions", { query }).catch(() => null);
  if (answer) setCount(countInWords(answer.total_size));
}

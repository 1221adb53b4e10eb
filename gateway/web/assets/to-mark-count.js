// How many lessons wait to be marked, beside the link to them in the navigation.

import { call } from "./api.js";
import { countInWords } from "./views/to-mark/page.js";

/** Count and pass on what is to be written; where that fails, nothing. */
export async function countToMark(setCount) {
  const query = { attendance_filter: "to_mark", with_total_size: true, page_size: 1 };
  const answer = await call("/api/tutor/sessions", { query }).catch(() => null);
  if (answer) setCount(countInWords(answer.total_size));
}

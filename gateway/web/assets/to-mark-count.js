// How much waits for a tutor, beside the link to it in the navigation: lessons to mark, and what asks for an answer.

import { call } from "./api.js";
import { countInWords } from "./views/to-mark/page.js";
import { countOf, readToAnswer } from "./waiting-count.js";

/** Count and pass on what is to be written; where that fails, nothing. */
export async function countToMark(setCount) {
  const query = { attendance_filter: "to_mark", with_total_size: true, page_size: 1 };
  const read = [call("/api/tutor/sessions", { query }), readToAnswer()];
  const [lessons, answers] = await Promise.all(read).catch(() => []);
  if (!lessons) return;
  const { count, hasMore } = countOf(answers);
  setCount(countInWords(lessons.total_size + count, hasMore));
}

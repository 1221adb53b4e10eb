import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { lessonsLike } = await import("../../../gateway/web/assets/views/record/which-lessons.js");
const lesson = (id, date) => ({ id, session_date: date });
/** A Monday. */
const FIRST = lesson(1, "2026-03-09");
const COMING = [FIRST, lesson(2, "2026-03-09"), lesson(3, "2026-03-15"), lesson(4, "2026-03-16")];

test("an absence is announced for one lesson, or for all of its day or week, each once", () => {
  const { one, day, week } = lessonsLike(FIRST, COMING);
  const ids = (lessons) => lessons.map(({ id }) => id);
  assert.deepEqual([ids(one), ids(day), ids(week)], [[1], [1, 2], [1, 2, 3]]);
});

test("a lesson without a day stands alone", () => {
  assert.equal(lessonsLike(lesson(5), COMING).week.length, 1);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { filtersOf, includes, isFiltered, listQuery, NO_FILTERS } = await import(
  "../../../gateway/web/assets/views/to-mark/find-form.js"
);
const { firstDays, lessonFigures, sparkline, trendFigures } = await import(
  "../../../gateway/web/assets/views/to-mark/figures.js"
);
const { attendedShareOf, tallyOfWeeks } = await import("../../../gateway/web/assets/views/reports/totals.js");

test("filters are read from the address; what makes no sense is left out", () => {
  const read = (query) => filtersOf(new URLSearchParams(query));
  assert.deepEqual(read("search=%20sara&show=clear"), { search: "sara", show: "clear" });
  assert.deepEqual(read("show=nonsense"), NO_FILTERS);
  assert.equal(isFiltered(NO_FILTERS), false);
  assert.equal(isFiltered({ search: "", show: "look" }), true);
  assert.equal(listQuery({ search: "sara" }).attendance_filter, "to_mark");
});

test("clear ones and those that need a look are shown apart", () => {
  const clear = { suggestion_is_clear: true };
  const shown = (session) => ["", "clear", "look"].filter((show) => includes(session, { show }));
  assert.deepEqual(shown(clear), ["", "clear"]);
  assert.deepEqual(shown({}), ["", "look"]);
  assert.deepEqual(shown({ ...clear, attendance_source: "manual" }), ["", "look"]);
});

test("a month is counted from its first day, weeks from a Monday", () => {
  assert.deepEqual(firstDays("2026-11-30"), { month: "2026-11-01", weeks: "2026-10-12" });
  assert.deepEqual(firstDays("2026-11-29"), { month: "2026-11-01", weeks: "2026-10-05" });
});

test("what became of lessons adds up over days", () => {
  const rows = [
    { held: 3, student_no_shows: 1, tutor_no_shows: 0, nobody_came: 0, cancelled: 1, cannot_know: 1 },
    { held: 2, student_no_shows: 0, tutor_no_shows: 1, nobody_came: 1, cancelled: 0, cannot_know: 0 },
  ];
  assert.deepEqual(lessonFigures(rows), { held: 5, all: 10, noShows: 3, cancelled: 1, notKnown: 1 });
});

test("students attended out of those who are marked, as in the summary of the reports", () => {
  const counts = { present: 2, late: 1, absent: 1, excused: 1, unmarked: 0 };
  const week = { ...counts, marked: 4, attended: 3, overlap_minutes: 100.5, scheduled_minutes: 120 };
  assert.equal(trendFigures([week]).share * 100, attendedShareOf(tallyOfWeeks([week])));
  assert.deepEqual(trendFigures([week, week]), { share: 0.75, together: 201, scheduled: 240 });
  assert.equal(trendFigures([]).share, null);
});

test("a line needs two weeks, and goes from left to right", () => {
  assert.deepEqual(sparkline([{ attended_rate: 90 }]), []);
  assert.deepEqual(sparkline([{ attended_rate: 100 }, {}, { attended_rate: 75 }]), [
    { x: 0, y: 0.5 },
    { x: 1, y: 0 },
  ]);
});

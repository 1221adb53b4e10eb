import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { byCourse, byMonth, figuresOf, firstDay, since } = await import(
  "../../../gateway/web/assets/views/record/figures.js"
);

function row(date, status, fields = {}) {
  const course = { course_name: "Physics", tutor_name: "Abebe" };
  return { session_date: date, student_attendance_status: status, excused: false, ...course, ...fields };
}

const ROWS = [
  row("2026-03-10", "present", { active_minutes: 58.5 }),
  row("2026-03-03", "late", { active_minutes: 40 }),
  row("2026-02-24", "absent", { excused: true }),
  row("2026-02-17", undefined),
  row("2026-02-10", "came by bus"),
  row("2025-12-01", "present", { course_name: "Chemistry" }),
];

test("to attend is to be present or late, and its share is that of what is marked", () => {
  const figures = figuresOf(ROWS);
  assert.deepEqual(figures, {
    lessons: 6,
    marked: 5,
    unmarked: 1,
    attended: 3,
    present: 2,
    late: 1,
    absent: 1,
    excused: 1,
    minutes: 98.5,
    measured: 2,
    share: 0.6,
  });
});

test("where nothing is marked there is no share", () => {
  assert.equal(figuresOf([]).share, null);
  assert.equal(figuresOf([row("2026-03-10", undefined)]).share, null);
});

test("months with lessons come in order, the latest ones only", () => {
  assert.deepEqual(
    byMonth(ROWS).map(({ month, lessons }) => [month, lessons]),
    [
      ["2025-12", 1],
      ["2026-02", 3],
      ["2026-03", 2],
    ],
  );
  assert.deepEqual(
    byMonth(ROWS, { most: 1 }).map(({ month }) => month),
    ["2026-03"],
  );
});

test("courses are counted apart, also the same course with another tutor", () => {
  const rows = [...ROWS, row("2026-01-05", "absent", { tutor_name: "Hanna" })];
  assert.deepEqual(
    byCourse(rows).map(({ course, tutor, lessons }) => [course, tutor, lessons]),
    [
      ["Physics", "Abebe", 5],
      ["Chemistry", "Abebe", 1],
      ["Physics", "Hanna", 1],
    ],
  );
});

test("a range begins on the first day of a month", () => {
  assert.equal(firstDay("2026-03-10", 1), "2026-03-01");
  assert.equal(firstDay("2026-01-31", 3), "2025-11-01");
  assert.equal(since(ROWS, "2026-03-01").length, 2);
  assert.equal(since(ROWS, "").length, ROWS.length);
});

// What the rows of a student's report add up to (docs/reports.md). Pure. To attend is to be present or late.

import { groupBy } from "./grouping.js";

const ATTENDED = new Set(["present", "late"]);
const MONTH = "0000-00".length;
/** As many months fit a small chart. */
const MAX_MONTHS = 12;

function countOf(rows, status) {
  return rows.filter((row) => row.student_attendance_status === status).length;
}

/**
 * Count rows: `{ lessons, marked, unmarked, attended, present, late, absent, excused, minutes, measured, share }`.
 * `measured` are those with minutes; `share` is what was attended of what is marked, from 0 to 1; null if nothing is
 * marked.
 */
export function figuresOf(rows) {
  const [present, late, absent] = ["present", "late", "absent"].map((status) => countOf(rows, status));
  const marked = rows.filter((row) => row.student_attendance_status !== undefined).length;
  const attended = rows.filter((row) => ATTENDED.has(row.student_attendance_status)).length;
  return {
    lessons: rows.length,
    marked,
    unmarked: rows.length - marked,
    attended,
    present,
    late,
    absent,
    excused: rows.filter((row) => row.excused).length,
    minutes: rows.reduce((sum, row) => sum + (row.active_minutes ?? 0), 0),
    measured: rows.filter((row) => row.active_minutes !== undefined).length,
    share: marked ? attended / marked : null,
  };
}

/**
 * Return the figures of the latest months that have lessons, oldest first: `[{ month: "2026-03", ... }]`. `monthOf(date)`
 * names the month of a date so that it sorts; by default that of the Gregorian calendar.
 */
export function byMonth(rows, { most = MAX_MONTHS, monthOf = (date) => date.slice(0, MONTH) } = {}) {
  const months = groupBy(
    rows.filter((row) => row.session_date),
    (row) => monthOf(row.session_date),
  );
  const sorted = [...months].toSorted(([one], [other]) => one.localeCompare(other));
  return sorted.slice(-most).map(([month, of]) => ({ month, ...figuresOf(of) }));
}

/** Return the figures of each course and tutor, most lessons first: `[{ course, tutor, ... }]`. */
export function byCourse(rows) {
  const courses = groupBy(rows, (row) => JSON.stringify([row.course_name, row.tutor_name]));
  return [...courses]
    .map(([key, of]) => {
      const [course, tutor] = JSON.parse(key);
      return { course, tutor, ...figuresOf(of) };
    })
    .toSorted((one, other) => other.lessons - one.lessons || one.course.localeCompare(other.course));
}

/** Return the rows from a day on (YYYY-MM-DD; "": all). */
export function since(rows, first) {
  return first ? rows.filter((row) => (row.session_date ?? "") >= first) : rows;
}

/** Return the first day of `months` months up to the one of `today` (YYYY-MM-DD). */
export function firstDay(today, months) {
  const [year, month] = today.split("-").map(Number);
  return new Date(Date.UTC(year, month - months, 1)).toISOString().slice(0, today.length);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  heightOf,
  neighbour,
  partsOf,
  placedByDay,
  rowsOf,
  topOf,
} from "../../../gateway/web/assets/views/week/layout.js";

let ids = 0;
const lesson = (session_date, start_time, end_time) => {
  ids += 1;
  return {
    id: ids,
    session_date,
    start_time: start_time && `${start_time}:00`,
    end_time: end_time && `${end_time}:00`,
  };
};
const DATES = ["2026-11-30", "2026-12-01", "2026-12-02"];
const places = (parts) => parts.map(({ start, end, column, columns }) => [start, end, column, columns]);

test("a lesson lies in its day from its start to its end", () => {
  const [monday, tuesday] = placedByDay([lesson("2026-11-30", "14:00", "15:30")], DATES);
  assert.deepEqual(places(monday), [[840, 930, 0, 1]]);
  assert.deepEqual(tuesday, []);
});

test("a lesson over midnight goes on in the next day", () => {
  const [monday, tuesday] = placedByDay([lesson("2026-11-30", "23:30", "00:30")], DATES);
  assert.deepEqual(places(monday), [[1410, 1440, 0, 1]]);
  assert.deepEqual(places(tuesday), [[0, 30, 0, 1]]);
  assert.deepEqual([monday[0].isContinued, tuesday[0].isContinued], [false, true]);
});

test("a lesson that ends at midnight stays in its day", () => {
  assert.equal(partsOf(lesson("2026-11-30", "23:00", "00:00")).length, 1);
});

test("a lesson of the evening before the week goes on in its first day", () => {
  const [monday] = placedByDay([lesson("2026-11-29", "23:30", "00:30")], DATES);
  assert.deepEqual(places(monday), [[0, 30, 0, 1]]);
});

test("a lesson without a day or a start is nowhere, one without an end lasts an hour", () => {
  assert.deepEqual(partsOf(lesson("", "14:00", "15:00")), []);
  assert.deepEqual(partsOf(lesson("2026-11-30", "", "")), []);
  assert.equal(partsOf(lesson("2026-11-30", "14:00", "")).at(0).end, 900);
});

test("lessons that overlap lie beside each other, and others have the whole width", () => {
  const [monday] = placedByDay(
    [
      lesson("2026-11-30", "10:00", "12:00"),
      lesson("2026-11-30", "10:30", "11:00"),
      lesson("2026-11-30", "11:00", "12:00"),
      lesson("2026-11-30", "12:00", "13:00"),
    ],
    DATES,
  );
  assert.deepEqual(places(monday), [
    [600, 720, 0, 2],
    [630, 660, 1, 2],
    [660, 720, 1, 2],
    [720, 780, 0, 1],
  ]);
});

test("short lessons that follow each other closely do not cover each other", () => {
  const [monday] = placedByDay([lesson("2026-11-30", "10:00", "10:10"), lesson("2026-11-30", "10:15", "10:25")], DATES);
  assert.deepEqual(
    monday.map(({ column, columns }) => [column, columns]),
    [
      [0, 2],
      [1, 2],
    ],
  );
});

const hoursOf = (rows) => rows.map(({ hour, hours }) => (hours > 1 ? `${hour}+${hours}` : String(hour))).join(" ");
const USUAL = "8 9 10 11 12 13 14 15 16 17";

test("the calendar shows the usual hours, and all with lessons", () => {
  assert.equal(hoursOf(rowsOf([[], []])), USUAL);
  const days = placedByDay([lesson("2026-11-30", "06:45", "07:30"), lesson("2026-12-01", "18:10", "19:10")], DATES);
  assert.equal(hoursOf(rowsOf(days)), `6 7 ${USUAL} 18 19`);
});

test("a night between lessons is one low row, and a single hour is not left out", () => {
  const rows = rowsOf(
    placedByDay([lesson("2026-11-30", "23:30", "00:30"), lesson("2026-12-02", "06:00", "07:00")], DATES),
  );
  assert.equal(hoursOf(rows), `0 1+5 6 7 ${USUAL} 18+5 23`);
  assert.equal(heightOf(rows), 14 + 2 * 0.5);
  assert.equal(topOf(rows, 0), 0);
  assert.equal(topOf(rows, 30), 0.5);
  // Half past three lies in the middle of the night that is left out.
  assert.equal(topOf(rows, 210), 1.25);
  assert.equal(topOf(rows, 8 * 60 + 15), 3.75);
  assert.equal(topOf(rows, 24 * 60), heightOf(rows));
});

test("a time before the first row or after the last lies nowhere", () => {
  const rows = rowsOf([[]]);
  assert.equal(topOf(rows, 7 * 60), null);
  assert.equal(topOf(rows, 19 * 60), null);
});

test("arrow keys lead to the lesson before and after, and to the nearest one of another day", () => {
  const days = placedByDay(
    [
      lesson("2026-11-30", "09:00", "10:00"),
      lesson("2026-11-30", "15:00", "16:00"),
      lesson("2026-12-02", "10:00", "11:00"),
      lesson("2026-12-02", "14:00", "15:00"),
    ],
    DATES,
  );
  const from = { day: 0, index: 1 };
  assert.deepEqual(neighbour(days, from, "ArrowUp"), { day: 0, index: 0 });
  assert.equal(neighbour(days, from, "ArrowDown"), null);
  // Tuesday is empty.
  assert.deepEqual(neighbour(days, from, "ArrowRight"), { day: 2, index: 1 });
  assert.equal(neighbour(days, from, "ArrowLeft"), null);
  assert.deepEqual(neighbour(days, { day: 2, index: 0 }, "ArrowLeft"), { day: 0, index: 0 });
  assert.deepEqual(neighbour(days, from, "Home"), { day: 0, index: 0 });
  assert.deepEqual(neighbour(days, from, "End"), { day: 2, index: 1 });
});

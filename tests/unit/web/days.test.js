import assert from "node:assert/strict";
import { test } from "node:test";
import { askedDay, clockIn, firstDayOfWeek, plusDays, weekOf } from "../../../gateway/web/assets/days.js";

test("a week has the seven days from Monday to Sunday", () => {
  const week = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-06"];
  for (const day of week) assert.deepEqual(weekOf(day), week);
});

test("weeks begin on the day of the language's region, if it names one", () => {
  assert.equal(firstDayOfWeek("en"), 1);
  assert.equal(firstDayOfWeek("am"), 1);
  assert.equal(firstDayOfWeek("en-US"), 7);
  assert.equal(weekOf("2026-11-30", 7)[0], "2026-11-29");
  assert.equal(weekOf("2026-11-29", 7)[0], "2026-11-29");
});

test("days are counted over the ends of months and years", () => {
  assert.equal(plusDays("2026-12-28", 7), "2027-01-04");
  assert.equal(plusDays("2028-03-01", -1), "2028-02-29");
});

test("the clock is that of the session time zone", () => {
  const now = Date.parse("2026-11-30T21:30:00Z");
  assert.deepEqual(clockIn("Africa/Addis_Ababa", now), { date: "2026-12-01", minute: 30 });
  assert.deepEqual(clockIn("America/New_York", now), { date: "2026-11-30", minute: 16 * 60 + 30 });
});

test("an address that asks for no day that exists gets today's week", () => {
  for (const value of [null, "", "tomorrow", "2026-02-31", "2026-13-01", "2026-1-1"]) {
    assert.equal(askedDay(value, "2026-11-30"), "2026-11-30");
  }
  assert.equal(askedDay("2026-02-28", "2026-11-30"), "2026-02-28");
});

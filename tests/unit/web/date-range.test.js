import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { frequentRanges, problemOf, rangeInFileName, rangeInWords, rangeOf } = await import(
  "../../../gateway/web/assets/views/reports/date-range.js"
);

test("frequent ranges are days of the session time zone", () => {
  // In Addis Ababa it is half past midnight on 1 April.
  assert.deepEqual(frequentRanges(new Date("2026-03-31T21:30:00Z")), {
    all: { from: "", to: "" },
    thisMonth: { from: "2026-04-01", to: "2026-04-01" },
    lastMonth: { from: "2026-03-01", to: "2026-03-31" },
    lastDays: { from: "2026-03-03", to: "2026-04-01" },
  });
});

test("the month before January is December", () => {
  const { lastMonth } = frequentRanges(new Date("2026-01-15T12:00:00Z"));
  assert.deepEqual(lastMonth, { from: "2025-12-01", to: "2025-12-31" });
});

test("a range is read from an address, without limits where it names none", () => {
  assert.deepEqual(rangeOf(new URLSearchParams("from=2026-01-01")), { from: "2026-01-01", to: "" });
});

for (const [range, problem] of [
  [{ from: "", to: "" }, null],
  [{ from: "2026-02-01", to: "2026-02-01" }, null],
  [
    { from: "2026-02-30", to: "" },
    { field: "from", reason: "notADay" },
  ],
  [
    { from: "", to: "tomorrow" },
    { field: "to", reason: "notADay" },
  ],
  [
    { from: "2026-02-02", to: "2026-02-01" },
    { field: "to", reason: "order" },
  ],
]) {
  test(`${JSON.stringify(range)} has ${problem ? `the problem ${problem.reason}` : "no problem"}`, () => {
    assert.deepEqual(problemOf(range), problem);
  });
}

test("a range is written for people and in file names", () => {
  const both = { from: "2026-02-01", to: "2026-02-28" };
  assert.equal(rangeInWords(both), "Sun, Feb 1, 2026 to Sat, Feb 28, 2026");
  assert.equal(rangeInWords({ from: "", to: "" }), "all days");
  assert.equal(rangeInWords({ ...both, to: "" }), "from Sun, Feb 1, 2026 on");
  assert.equal(rangeInWords({ ...both, from: "" }), "up to Sat, Feb 28, 2026");
  assert.equal(rangeInFileName(both), "from-2026-02-01-to-2026-02-28");
  assert.equal(rangeInFileName({ from: "", to: "" }), "all-days");
});

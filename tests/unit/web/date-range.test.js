import "./view-words.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { frequentRanges, inAddress, problemOf, rangeInFileName, rangeInWords, rangeOf, weeksBefore } = await import(
  "../../../gateway/web/assets/views/reports/date-range.js"
);

test("frequent ranges are days of the session time zone", () => {
  // In Addis Ababa it is half past midnight on 1 April.
  assert.deepEqual(frequentRanges(new Date("2026-03-31T21:30:00Z")), {
    thisMonth: { from: "2026-04-01", to: "2026-04-01" },
    lastMonth: { from: "2026-03-01", to: "2026-03-31" },
    thisTerm: { from: "2026-02-01", to: "2026-04-01" },
    all: { from: "", to: "" },
  });
});

test("the month before January is December", () => {
  const { lastMonth } = frequentRanges(new Date("2026-01-15T12:00:00Z"));
  assert.deepEqual(lastMonth, { from: "2025-12-01", to: "2025-12-31" });
});

test("terms begin in September and February", () => {
  const begins = (day) => frequentRanges(new Date(`${day}T12:00:00Z`)).thisTerm.from;
  assert.equal(begins("2026-01-15"), "2025-09-01");
  assert.equal(begins("2026-02-01"), "2026-02-01");
  assert.equal(begins("2026-08-31"), "2026-02-01");
  assert.equal(begins("2026-09-01"), "2026-09-01");
});

test("a range is read from an address: this month where it names none", () => {
  const now = new Date("2026-03-15T12:00:00Z");
  const read = (query) => rangeOf(new URLSearchParams(query), now);
  assert.deepEqual(read("from=2026-01-01"), { from: "2026-01-01", to: "" });
  assert.deepEqual(read("days=all"), { from: "", to: "" });
  assert.deepEqual(read(""), { from: "2026-03-01", to: "2026-03-15" });
});

test("an address that is made of a range means the same range", () => {
  for (const range of [
    { from: "", to: "" },
    { from: "2026-01-01", to: "" },
    { from: "2026-01-01", to: "2026-02-01" },
  ]) {
    assert.deepEqual(rangeOf(new URLSearchParams(inAddress(range))), range);
  }
});

test("weeks are counted back over the ends of months and years", () => {
  assert.equal(weeksBefore("2026-01-05", 1), "2025-12-29");
  assert.equal(weeksBefore("2026-03-30", 12), "2026-01-05");
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
  assert.equal(rangeInWords({ from: "", to: "" }), "All days");
  assert.equal(rangeInWords({ ...both, to: "" }), "From Sun, Feb 1, 2026 on");
  assert.equal(rangeInWords({ ...both, from: "" }), "Up to Sat, Feb 28, 2026");
  assert.equal(rangeInFileName(both), "from-2026-02-01-to-2026-02-28");
  assert.equal(rangeInFileName({ from: "", to: "" }), "all-days");
});

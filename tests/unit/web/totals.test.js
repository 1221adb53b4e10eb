import assert from "node:assert/strict";
import { test } from "node:test";
import {
  groupedBy,
  kindOf,
  kindsIn,
  markedIn,
  rateOf,
  shareOf,
  sumOf,
  tallyOf,
  tallyOfTutor,
  totalOf,
} from "../../../gateway/web/assets/views/reports/totals.js";

test("statuses are counted by kind; a session without one is not marked", () => {
  const tally = tallyOf(["present", "late", undefined, "", "excused", "present"]);
  assert.deepEqual(tally, { present: 2, late: 1, absent: 0, other: 1, unmarked: 2 });
  assert.equal(kindOf("excused"), "other");
  assert.equal(markedIn(tally), 4);
  assert.equal(totalOf(tally), 6);
});

test("what a tutor's row does not count by name are statuses of old rows", () => {
  const row = { total_sessions: 10, present: 4, late: 1, absent: 2, unmarked: 2 };
  assert.equal(tallyOfTutor(row).other, 1);
});

test("the rate counts marked lessons only, with two decimals", () => {
  assert.equal(rateOf({ present: 2, late: 1, absent: 0, other: 0, unmarked: 5 }), 66.67);
  assert.equal(rateOf({ present: 0, late: 0, absent: 0, other: 0, unmarked: 5 }), null);
});

test("tallies are added up, and the kind of old rows is shown only where it occurs", () => {
  const sum = sumOf([tallyOf(["present"]), tallyOf(["late", undefined])]);
  assert.deepEqual(sum, { present: 1, late: 1, absent: 0, other: 0, unmarked: 1 });
  assert.deepEqual(kindsIn(sum), ["present", "late", "absent", "unmarked"]);
  assert.ok(kindsIn(tallyOf(["excused"])).includes("other"));
});

test("agreement is grouped in order of occurrence and rounded down", () => {
  const rows = [
    { month: "2026-02", agreed: 8, decided: 9 },
    { month: "2026-01", agreed: 1, decided: 1 },
    { month: "2026-02", agreed: 1, decided: 1 },
  ];
  assert.deepEqual(groupedBy("month", rows), [
    { name: "2026-02", agreed: 9, decided: 10 },
    { name: "2026-01", agreed: 1, decided: 1 },
  ]);
  assert.equal(shareOf({ agreed: 8999, decided: 10_000 }), 89.9);
});

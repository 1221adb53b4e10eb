import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attendedShareOf,
  groupedBy,
  kindOf,
  kindsIn,
  markedIn,
  onTimeShareOf,
  shareOf,
  sumOf,
  tallyOf,
  tallyOfTutor,
  tallyOfWeeks,
  totalOf,
  totalsOf,
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

test("who is late attended, and shares count marked lessons only, in whole percent", () => {
  const tally = { present: 2, late: 1, absent: 1, other: 0, unmarked: 5 };
  assert.equal(attendedShareOf(tally), 75);
  assert.equal(onTimeShareOf(tally), 50);
  assert.equal(attendedShareOf({ present: 2, late: 0, absent: 1, other: 0, unmarked: 0 }), 67);
  assert.equal(attendedShareOf({ present: 0, late: 0, absent: 0, other: 0, unmarked: 5 }), null);
});

test("weeks are added up by their kinds; what is marked and of no kind is a status of old rows", () => {
  const weeks = [
    { marked: 4, present: 2, late: 1, absent: 0, unmarked: 3 },
    { marked: 1, present: 0, late: 0, absent: 1, unmarked: 0 },
  ];
  assert.deepEqual(tallyOfWeeks(weeks), { present: 2, late: 1, absent: 1, other: 1, unmarked: 3 });
  assert.equal(totalOf(tallyOfWeeks([])), 0);
});

test("fields are summed over rows that may lack them", () => {
  assert.deepEqual(totalsOf(["held", "minutes"], [{ held: 1, minutes: 2.5 }, { held: 2 }]), { held: 3, minutes: 2.5 });
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

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  differences,
  inForce,
  LIMITS,
  shown,
  stated,
  sumOf,
} from "../../../gateway/web/assets/views/policies/limits.js";

const limit = (name) => LIMITS.find((one) => one.name === name);

test("seconds are shown as minutes where people think in minutes, and come back the same", () => {
  const late = limit("late_from_seconds");
  assert.equal(shown(late, 330), 5.5);
  assert.equal(stated(late, "5.5"), 330);
  for (const seconds of [1, 59, 301, 86_400]) assert.equal(stated(late, String(shown(late, seconds))), seconds);
});

test("what is no number is no limit, and 0 is one", () => {
  for (const typed of ["", "five", "Infinity"]) assert.equal(stated(limit("absent_below_percent"), typed), null);
  assert.equal(stated(limit("claim_within_days"), "0"), 0);
  assert.equal(stated(limit("parent_word_becomes_claim"), true), true);
});

test("limits that differ are named", () => {
  const before = Object.fromEntries(LIMITS.map(({ name }) => [name, 1]));
  assert.deepEqual(differences(before, before), []);
  assert.deepEqual(differences(before, { ...before, late_from_seconds: 2 }), [limit("late_from_seconds")]);
});

test("the policy of a course applies, else the general one; a withdrawn one does not", () => {
  const policies = [
    { version: 4, course_id: 9, in_force: true, withdrawn: true },
    { version: 3, course_id: 8, in_force: true, withdrawn: false },
    { version: 2, in_force: true, withdrawn: false },
    { version: 1, in_force: false, withdrawn: false },
    { version: 0, in_force: false, withdrawn: false },
  ];
  assert.equal(inForce(policies).version, 2);
  assert.equal(inForce(policies, 8).version, 3);
  assert.equal(inForce(policies, 9).version, 2);
});

test("the pages of an evaluation add up", () => {
  const page = {
    decisions: 2,
    suggestions: 4,
    changed: 1,
    decided: 3,
    agreed_before: 3,
    agreed_after: 2,
    left_out: [{ reason: "no_whiteboard", decisions: 5 }],
  };
  const sum = sumOf([
    { ...page, changed_suggestions: ["a"] },
    { ...page, changed_suggestions: ["b"] },
  ]);
  assert.deepEqual([sum.decisions, sum.changed, sum.agreedBefore, sum.agreedAfter], [4, 2, 6, 4]);
  assert.deepEqual(sum.changes, ["a", "b"]);
  assert.equal(sum.leftOut, 10);
});

import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const localization = await import("../../../gateway/web/assets/localization.js");
const { text, hasText } = localization;

test("a string is found by its key and filled in", () => {
  assert.equal(text("shell.titleOf", { page: "Sessions" }), "Sessions · Attendance");
});

test("a string that counts has the form of its number", () => {
  assert.equal(text("lessons.shown", { count: 1 }), "1 lesson");
  assert.equal(text("lessons.shown", { count: 0 }), "0 lessons");
});

test("a key without a string is an error, and can be asked about", () => {
  assert.throws(() => text("lessons.nonsense"), /no string lessons\.nonsense/);
  assert.equal(hasText("lessons.nonsense"), false);
  assert.equal(hasText("nonsense.at.all"), false);
  assert.equal(hasText("lessons.search"), true);
});

test("dates without a time do not depend on the time zone", () => {
  assert.equal(localization.day("2026-03-31"), "Tue, Mar 31, 2026");
  assert.equal(localization.shortDay("2026-03-01"), "Mar 1");
  assert.equal(localization.month("2026-03"), "March 2026");
  assert.deepEqual(localization.monthLines("2026-03"), ["Mar", "2026"]);
});

test("timestamps are written in the session time zone", () => {
  assert.equal(localization.timeOfDay("2026-03-31T21:30:00Z"), "00:30");
  assert.match(localization.dateTime("2026-03-31T21:30:00Z"), /^Apr 1, 2026, 00:30$/);
});

test("scheduled times lose their seconds, numbers keep two decimals", () => {
  assert.equal(localization.scheduledTime("09:05:00"), "09:05");
  assert.equal(localization.number(83.3333), "83.33");
  assert.equal(localization.percent(90), "90 %");
});

test("a lesson's status is written as a word, also in the spelling of old rows, and as it is where there is none", () => {
  assert.equal(localization.lessonStatus("in-progress"), "Running");
  assert.equal(localization.lessonStatus("in_progress"), "Running");
  assert.equal(localization.lessonStatus("postponed"), "postponed");
});

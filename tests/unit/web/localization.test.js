import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const localization = await import("../../../gateway/web/assets/localization.js");
const months = await import("../../../gateway/web/assets/months.js");
const { text, hasText } = localization;

test("a string is found by its key and filled in", () => {
  assert.equal(text("shell.titleOf", { page: "Sessions" }), "Sessions · Attendance");
});

test("a string that counts has the form of its number", () => {
  assert.equal(text("lessons.count", { count: 1 }), "1 lesson");
  assert.equal(text("lessons.count", { count: 0 }), "0 lessons");
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
  assert.equal(months.month("2026-03-01"), "March 2026");
  assert.deepEqual(months.monthLines("2026-03-01"), ["Mar", "2026"]);
  assert.equal(months.monthStart("2026-03-31"), "2026-03-01");
  assert.equal(months.gregorianMonth("2026-03"), "March 2026");
  assert.equal(months.shortGregorianMonth("2026-03"), "Mar 2026");
});

test("timestamps are written in the session time zone", () => {
  assert.equal(localization.timeOfDay("2026-03-31T21:30:00Z"), "00:30");
  assert.match(localization.dateTime("2026-03-31T21:30:00Z"), /^Apr 1, 2026, 00:30$/);
});

test("a date near today is named, by the date that it is in the session time zone", () => {
  const now = Date.parse("2026-03-30T21:30:00Z");
  assert.equal(localization.dateOf(now), "2026-03-31");
  assert.equal(localization.dayHeading("2026-03-31", now), "today, Tue, Mar 31, 2026");
  assert.equal(localization.dayHeading("2026-03-30", now), "yesterday, Mon, Mar 30, 2026");
  assert.equal(localization.dayHeading("2026-04-01", now), "tomorrow, Wed, Apr 1, 2026");
  assert.equal(localization.dayHeading("2026-04-02", now), "Thu, Apr 2, 2026");
  assert.equal(localization.weekday("2026-04-02"), "Thu");
});

test("how long ago something was is said in the unit that people would use", () => {
  const now = Date.parse("2026-03-31T10:00:00Z");
  const ago = (minutes) => localization.relativeTime(now - minutes * 60_000, now);
  assert.equal(ago(0.4), "just now");
  assert.equal(ago(8), "8 minutes ago");
  assert.equal(ago(-5), "in 5 minutes");
  assert.equal(ago(59.7), "1 hour ago");
  assert.equal(ago(180), "3 hours ago");
  assert.equal(ago(24 * 60), "yesterday");
  assert.equal(ago(3 * 24 * 60), "3 days ago");
});

test("minutes are whole wherever people read them, and many are hours", () => {
  assert.equal(localization.minutes(47.5), "48 min");
  assert.equal(localization.minutes(47.49), "47 min");
  assert.equal(localization.wholeMinutes(1234.4), "1,234");
  assert.equal(localization.duration(47.6), "48 min");
  assert.equal(localization.duration(119.6), "2 h");
  assert.equal(localization.duration(725), "12 h 5 min");
});

test("the zone of times is named, with the distance from the reader's own where that is another", () => {
  const now = Date.parse("2026-07-01T10:00:00Z");
  assert.equal(localization.zoneSentence(now, "Africa/Nairobi"), "Times in Addis Ababa");
  assert.equal(localization.zoneSentence(now, "Europe/Berlin"), "Times in Addis Ababa, 1 h ahead of yours");
  assert.equal(localization.zoneSentence(now, "Asia/Kolkata"), "Times in Addis Ababa, 2 h 30 min behind yours");
});

test("the reader's own time is said only where it is another", () => {
  assert.equal(localization.ownTime("2026-07-01T10:00:00Z", "Africa/Nairobi"), "");
  assert.equal(localization.ownTime("2026-07-01T10:00:00Z", "Europe/Berlin"), "12:00 your time");
  assert.equal(localization.ownTime("2026-12-01T10:00:00Z", "Europe/Berlin"), "11:00 your time");
});

test("a scheduled date and time is a timestamp of the session time zone", () => {
  assert.equal(new Date(localization.timestampOf("2026-03-31", "00:30:00")).toISOString(), "2026-03-30T21:30:00.000Z");
});

test("a range names its times once, and a list its last with a word", () => {
  assert.equal(localization.scheduledRange("09:00:00", "10:30:00"), "09:00–10:30");
  assert.equal(localization.timeRange("2026-03-31T06:00:00Z", "2026-03-31T07:00:00Z"), "09:00–10:00");
  assert.equal(localization.list(["Abebe", "Sara", "Hana"]), "Abebe, Sara, and Hana");
});

test("who reads by the usual calendar and clock is told no other", () => {
  assert.equal(localization.inOwnCalendar("2026-03-31"), "");
  assert.equal(localization.inOwnClock("09:00"), "");
});

test("scheduled times lose their seconds, numbers keep two decimals", () => {
  assert.equal(localization.scheduledTime("09:05:00"), "09:05");
  assert.equal(localization.number(83.3333), "83.33");
  assert.equal(localization.percent(90), "90 %");
});

test("a lesson's status is written as a word, also in the spelling of old rows, and as it is where there is none", () => {
  assert.equal(localization.lessonStatus("in-progress"), "Live");
  assert.equal(localization.lessonStatus("in_progress"), "Live");
  assert.equal(localization.lessonStatus("postponed"), "postponed");
});

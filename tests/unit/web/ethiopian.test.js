import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

localStorage.setItem("calendar", "ethiopic");
localStorage.setItem("clock", "ethiopian");
const localization = await import("../../../gateway/web/assets/localization.js");
const months = await import("../../../gateway/web/assets/months.js");
const { ethiopianTime } = await import("../../../gateway/web/assets/clock.js");

/** What clocks in Ethiopia show, and the part of the day that people say with it. */
const KNOWN_TIMES = {
  "00:00": ["6:00", "night"],
  "03:15": ["9:15", "night"],
  "05:59": ["11:59", "night"],
  "06:00": ["12:00", "morning"],
  "07:00": ["1:00", "morning"],
  "11:59": ["5:59", "morning"],
  "12:00": ["6:00", "afternoon"],
  "13:05": ["7:05", "afternoon"],
  "17:59": ["11:59", "afternoon"],
  "18:00": ["12:00", "evening"],
  "19:00": ["1:00", "evening"],
  "23:59": ["5:59", "evening"],
};

test("the Ethiopian clock counts twelve hours from six in the morning, and twelve from six in the evening", () => {
  for (const [time, [ethiopian, part]] of Object.entries(KNOWN_TIMES))
    assert.deepEqual(ethiopianTime(time), { time: ethiopian, part }, time);
});

test("times are written by the Ethiopian clock for who chose it", () => {
  assert.equal(localization.scheduledTime("09:05:00"), "3:05 day");
  assert.equal(localization.timeOfDay("2026-03-31T16:30:00Z"), "1:30 night");
  assert.equal(localization.inOwnClock("09:00"), "3:00 day");
});

test("a range names the part of the day once where it is that of both ends", () => {
  assert.equal(localization.scheduledRange("09:00:00", "10:30:00"), "3:00–4:30 day");
  assert.equal(localization.scheduledRange("17:30:00", "18:30:00"), "11:30 day–12:30 night");
  assert.equal(localization.scheduledRange("11:00:00", "12:30:00"), "5:00–6:30 day");
});

test("dates are written in the Ethiopian calendar: the new year, the thirteenth month, a leap day and Easter", () => {
  assert.equal(localization.day("2026-09-11"), "Fri, Meskerem 1, 2019");
  assert.equal(localization.shortDay("2026-09-08"), "Pagumen 3");
  assert.equal(localization.shortDay("2027-09-11"), "Pagumen 6");
  assert.equal(localization.shortDay("2027-09-12"), "Meskerem 1");
  assert.equal(localization.day("2026-04-12"), "Sun, Miazia 4, 2018");
  assert.equal(localization.inOwnCalendar("2026-03-31"), "Tue, Megabit 22, 2018 in the Ethiopian calendar");
});

test("a date and time is written in the session time zone, by this calendar and clock", () => {
  assert.equal(localization.dateTime("2026-03-31T21:30:00Z"), "Megabit 23, 2018, 6:30 night");
});

test("an axis names no part of the day, for which it has no room", () => {
  assert.equal(localization.axisTime("2026-03-31T16:30:00Z"), "1:30");
});

test("months are those of the Ethiopian calendar, whose year begins in September", () => {
  assert.equal(months.monthStart("2026-11-29"), "2026-11-10");
  assert.equal(months.monthStart("2026-09-10"), "2026-09-06");
  assert.equal(months.month("2026-11-10"), "Hedar 2019");
  assert.deepEqual(months.monthLines("2026-09-11"), ["Meskerem", "2019"]);
});

test("of months that the API counts by the Gregorian calendar the days are said", () => {
  assert.match(months.gregorianMonth("2026-11"), /^Tekemt 22\s–\sHedar 21, 2019$/);
  assert.equal(months.shortGregorianMonth("2026-11"), "Tekemt–Hedar 2019");
});

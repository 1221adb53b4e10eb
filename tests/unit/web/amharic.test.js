import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

document.documentElement.lang = "am";
localStorage.setItem("calendar", "ethiopic");
localStorage.setItem("clock", "ethiopian");
const localization = await import("../../../gateway/web/assets/localization.js");
const { text } = localization;

test("strings are those of the page's language, in the form of their number", () => {
  assert.equal(text("common.status.present"), "ተገኝተዋል");
  assert.equal(text("lessons.count", { count: 0 }), "0 ትምህርት");
  assert.equal(text("lessons.count", { count: 2 }), "2 ትምህርቶች");
});

test("dates are written in Amharic and in the Ethiopian calendar", () => {
  assert.equal(localization.day("2026-09-11"), "ዓርብ፣ መስከረም 1 2019");
  assert.equal(localization.dayHeading("2026-09-11", Date.parse("2026-09-11T06:00:00Z")), "ዛሬ፣ ዓርብ፣ መስከረም 1 2019");
});

test("times are those of the Ethiopian clock, with the part of the day before them", () => {
  assert.equal(localization.scheduledRange("09:00:00", "10:30:00"), "ጠዋት 3:00–4:30");
  assert.equal(localization.timeOfDay("2026-03-31T17:00:00Z"), "ማታ 2:00");
});

test("lists and relative times follow the language", () => {
  assert.equal(localization.list(["አበበ", "ሳራ"]), "አበበ እና ሳራ");
  assert.equal(localization.relativeTime(0, 8 * 60_000), "ከ8 ደቂቃዎች በፊት");
});

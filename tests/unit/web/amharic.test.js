// How am.js is written.
//
// People are addressed and spoken of in the polite plural, which is the same for women and men. The words, each always
// the same:
//   lesson ትምህርት (ትምህርቶች)      course ኮርስ                 group, class ክፍል
//   tutor አስጠኚ                    student ተማሪ                parent ወላጅ, admin አስተዳዳሪ
//   attendance መገኘት               present ተገኝተዋል            late ዘግይተዋል, absent አልተገኙም
//   to mark መመዝገብ                 not marked አልተመዘገበም       mark manually በእጅ መመዝገብ
//   suggestion ጥቆማ                 to accept መቀበል             clear ግልጽ, likely ሊሆን የሚችል, unsure እርግጠኛ ያልሆነ
//   claim ቅሬታ                      absence መቅረት              excused በፈቃድ
//   whiteboard ነጭ ሰሌዳ             note ማስታወሻ                report ሪፖርት, policy ደንብ
//   to take back, withdraw መሰረዝ    undo መመለስ
//   decision ውሳኔ                   history ታሪክ                summary ማጠቃለያ, details ዝርዝር, live በመካሄድ ላይ

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerWith, tokenOf } from "./page.js";

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

test("day and month stand in the same order in every date", () => {
  assert.equal(localization.shortDay("2026-09-11"), "መስከረም 1");
  assert.equal(localization.dateTime("2026-09-11T17:00:00Z"), "መስከረም 1 2019፣ ማታ 2:00");
  assert.equal(localization.longDay("2026-09-11"), "ዓርብ፣ መስከረም 1");
});

test("times are those of the Ethiopian clock, with the part of the day before them", () => {
  assert.equal(localization.scheduledRange("09:00:00", "10:30:00"), "ጠዋት 3:00–4:30");
  assert.equal(localization.timeOfDay("2026-03-31T17:00:00Z"), "ማታ 2:00");
});

test("lists and relative times follow the language", () => {
  assert.equal(localization.list(["አበበ", "ሳራ"]), "አበበ እና ሳራ");
  assert.equal(localization.relativeTime(0, 8 * 60_000), "ከ8 ደቂቃዎች በፊት");
});

test("what the API refuses in English is said in Amharic, by its reason", async () => {
  const { call } = await import("../../../gateway/web/assets/api.js");
  localStorage.setItem("token", tokenOf({ sub: "101", role: "tutor" }));
  const refusal = (reason) => ({ status: 400, body: { message: "In English.", details: [{ reason }] } });
  answerWith(refusal("SESSION_NOT_BEGUN"), refusal("NEWER_THAN_THIS_PAGE"));
  await assert.rejects(call("/api/claims"), { message: text("api.SESSION_NOT_BEGUN") });
  await assert.rejects(call("/api/claims"), { message: "In English." });
});

test("to take back what one said is to cancel it, not to answer", async () => {
  await import("./view-words.js");
  for (const key of ["record.takeBack", "claims.takeBack"]) {
    assert.match(text(key), /ይሰርዙ$/);
  }
});

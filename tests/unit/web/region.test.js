import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const languages = ["de-DE", "en-US@posix", "en-GB"];
Object.defineProperty(globalThis, "navigator", { value: { languages }, configurable: true });
const { dateTime, day, shortDay } = await import("../../../gateway/web/assets/localization.js");

test("dates are written as in the browser's region of the page's language", () => {
  assert.equal(day("2026-12-01"), "Tue, 1 Dec 2026");
  assert.equal(shortDay("2026-12-01"), "1 Dec");
  assert.equal(dateTime("2026-03-31T21:30:00Z"), "1 Apr 2026, 00:30");
});

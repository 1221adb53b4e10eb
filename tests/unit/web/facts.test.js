import "./view-words.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { factsOf, whyOf } = await import("../../../gateway/web/assets/views/lesson/facts.js");
const { stateOf } = await import("../../../gateway/web/assets/views/lesson/headline.js");
const OVER = { provisional: false, late_from_seconds: 300 };
const METRICS = {
  connected: true,
  lateness_minutes: 0,
  active_minutes: 60,
  session_duration_seconds: 3600,
  reconnects: 0,
};

const measured = (more) => ({ facts: { reasons: [], certainty: "high", metrics: { ...METRICS, ...more } } });
const judged = (certainty, ...reasons) => ({ facts: { certainty, reasons } });

test("facts are short phrases, with whole minutes", () => {
  assert.deepEqual(factsOf(measured({}), OVER), ["On time", "60 of 60 min"]);
  assert.deepEqual(
    factsOf(
      measured({ lateness_minutes: 7.9, active_minutes: 48.7, early_departure_minutes: 2.4, reconnects: 1 }),
      OVER,
    ),
    ["7 min late", "49 of 60 min", "left 2 min early", "back once"],
  );
});

test("who came before the limit was on time, and a table does not say so of everybody", () => {
  assert.deepEqual(factsOf(measured({ lateness_minutes: 4.9 }), OVER), ["On time", "60 of 60 min"]);
  assert.deepEqual(factsOf(measured({ lateness_minutes: 4.9 }), OVER, { isShort: true }), ["60 of 60"]);
  assert.deepEqual(factsOf(measured({ lateness_minutes: 5 }), OVER, { isShort: true }), ["5 min late", "60 of 60"]);
});

test("who was not there is said to be so, and while the lesson goes on only not yet", () => {
  const absent = measured({ connected: false, lateness_minutes: undefined });
  assert.deepEqual(factsOf(absent, OVER), ["Never connected"]);
  assert.deepEqual(factsOf(absent, { ...OVER, provisional: true }), ["Not there yet"]);
});

test("what is not known is not called a fact", () => {
  const unknown = { facts: { reasons: ["cannot_know"], certainty: "low", metrics: METRICS } };
  assert.deepEqual(factsOf(unknown, OVER), ["Can't be known"]);
  assert.equal(whyOf(unknown, OVER), "too little could be observed");
  assert.deepEqual(factsOf({ facts: null }, OVER), []);
  assert.equal(whyOf({ facts: null }, OVER), "");
});

test("a clear suggestion needs no reasons; others say how sure they are, and why", () => {
  assert.equal(whyOf(judged("high", "on_time", "high_engagement"), OVER), "");
  assert.equal(whyOf(judged("high", "waited"), OVER), "came on time and waited alone");
  assert.equal(whyOf(judged("medium", "on_time", "short_window"), OVER), "likely: the lesson was short");
  assert.equal(whyOf(judged("low", "late"), OVER), "unsure");
  assert.equal(whyOf(judged("low", "late"), { ...OVER, provisional: true }), "");
});

test("the state of a lesson is that of its schedule, whatever its status says", () => {
  const lesson = {
    status: "in-progress",
    scheduled_start: "2026-03-09T10:00:00Z",
    scheduled_end: "2026-03-09T11:00:00Z",
  };
  const at = (time, more = {}) => stateOf({ ...lesson, ...more }, Date.parse(`2026-03-09T${time}:00Z`))?.kind;
  assert.equal(at("09:59"), "to-come");
  assert.equal(at("10:30"), "live");
  assert.equal(at("11:08"), "ended");
  assert.equal(at("12:30"), undefined);
  assert.equal(at("10:30", { status: "cancelled" }), "cancelled");
  assert.equal(at("11:08", { status: "missed" }), "missed");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absences,
  activityBars,
  extentOf,
  layOut,
  placeLabels,
  positionOf,
  returnTimes,
  segmentsOf,
  ticks,
  timeRange,
  visibleRange,
} from "../../../gateway/web/assets/views/lesson/timeline-layout.js";

const MINUTE = 60_000;
const WINDOW = { start: 0, end: 60 * MINUTE };

/** Time ranges given in minutes. */
function minutes(pairs, more = {}) {
  return pairs.map(([start, end]) => ({ start: start * MINUTE, end: end * MINUTE, ...more }));
}

/** The segments of these facts, in minutes. */
function segments({ intervals = [], gaps = [], until = 60 * MINUTE }) {
  return segmentsOf({ intervals, gaps, window: WINDOW, until }).map(({ start, end, kind }) => [
    start / MINUTE,
    end / MINUTE,
    kind,
  ]);
}

test("every time of the window has one kind", () => {
  const intervals = [
    ...minutes([
      [-2, 10],
      [30, 50],
    ]),
    ...minutes([[10, 20]], { assumed: true }),
  ];
  assert.deepEqual(segments({ intervals, gaps: minutes([[10, 25]]) }), [
    [-2, 10, "connected"],
    [10, 20, "assumed"],
    [20, 25, "unobserved"],
    [25, 30, "away"],
    [30, 50, "connected"],
    [50, 60, "away"],
  ]);
});

test("what is still to come is not shown", () => {
  assert.deepEqual(segments({ intervals: minutes([[0, 20]]), until: 30 * MINUTE }), [
    [0, 20, "connected"],
    [20, 30, "away"],
  ]);
});

test("a sign of life that stands alone is shown", () => {
  assert.deepEqual(segments({ intervals: minutes([[5, 5]]) }), [
    [0, 5, "away"],
    [5, 5, "connected"],
    [5, 60, "away"],
  ]);
});

test("a return is the time at which a person connects again", () => {
  const intervals = minutes([
    [5, 10],
    [20, 60],
  ]);
  const all = segmentsOf({ intervals, gaps: [], window: WINDOW, until: WINDOW.end });
  assert.deepEqual(returnTimes(all), [20 * MINUTE]);
});

test("presence hours before and after the lesson leaves the lesson wide", () => {
  assert.deepEqual(visibleRange(WINDOW, minutes([[-300, 400]])), { start: -15 * MINUTE, end: 75 * MINUTE });
});

for (const length of [5, 45, 50, 60, 90, 12 * 60]) {
  test(`times of day never touch in ${length} minutes`, () => {
    const window = { start: 0, end: length * MINUTE };
    const places = ticks(window, window).map(({ x }) => x);
    assert.equal(places[0], 0);
    assert.equal(places.at(-1), 100);
    for (const [index, place] of places.slice(1).entries()) assert.ok(place - places[index] >= 12);
  });
}

test("activity of a long lesson is drawn in few bars", () => {
  const bars = activityBars(Array(720).fill(1), { start: 0, end: 720 * MINUTE });
  assert.equal(bars.length, 60);
  assert.deepEqual(bars.at(-1), { start: 708 * MINUTE, end: 720 * MINUTE, count: 12 });
});

test("minutes without activity have no bar", () => {
  assert.deepEqual(activityBars([0, 2, 0], WINDOW), [{ start: MINUTE, end: 2 * MINUTE, count: 2 }]);
});

test("a time outside of what is visible is at the edge, and a range outside has no extent", () => {
  assert.equal(positionOf(-MINUTE, WINDOW), 0);
  assert.equal(positionOf(30 * MINUTE, WINDOW), 50);
  assert.equal(positionOf(90 * MINUTE, WINDOW), 100);
  assert.equal(extentOf({ start: 61 * MINUTE, end: 70 * MINUTE }, WINDOW), null);
  assert.deepEqual(extentOf({ start: 15 * MINUTE, end: 90 * MINUTE }, WINDOW), { x: 25, width: 75 });
});

test("an open interval lasts until now, an assumed or ended one does not", () => {
  const [start, end] = ["1970-01-01T00:00:00Z", "1970-01-01T00:05:00Z"];
  const until = 30 * MINUTE;
  const interval = { started_at: start, ended_at: end };
  assert.equal(timeRange({ ...interval, end_reason: "" }, until).end, until);
  assert.equal(timeRange({ ...interval, end_reason: "", assumed: true }, until).end, 5 * MINUTE);
  assert.equal(timeRange({ ...interval, end_reason: "disconnect" }, until).end, 5 * MINUTE);
});

test("the people of a suggestion are laid out on one scale", () => {
  const suggestion = {
    scheduled_start: "1970-01-01T00:00:00Z",
    scheduled_end: "1970-01-01T01:00:00Z",
    observation_gaps: [],
  };
  const interval = { started_at: "1969-12-31T23:50:00Z", ended_at: "1970-01-01T00:20:00Z", end_reason: "silence" };
  const people = [
    { label: "Abebe", facts: { intervals: [interval], activity: [1, 3] } },
    { label: "Sara", facts: { intervals: [], activity: [] } },
  ];
  const layout = layOut(people, suggestion, 30 * MINUTE);
  assert.equal(layout.until, 30 * MINUTE);
  assert.equal(layout.limit, null);
  assert.deepEqual(layout.visible, { start: -10 * MINUTE, end: 60 * MINUTE });
  assert.deepEqual(
    layout.rows.map(({ segments: row }) => row.map(({ kind }) => kind)),
    [["connected", "away"], ["away"]],
  );
});

/** The layout of one person who was there at these times, in minutes, where one is late from minute 5. */
function layOutOne(...pairs) {
  const suggestion = {
    scheduled_start: "1970-01-01T00:00:00Z",
    scheduled_end: "1970-01-01T01:00:00Z",
    observation_gaps: [],
    late_from_seconds: 300,
  };
  const intervals = pairs.map(([start, end]) => ({
    started_at: new Date(start * MINUTE).toISOString(),
    ended_at: new Date(end * MINUTE).toISOString(),
    end_reason: "closed",
  }));
  return layOut([{ label: "Sara", facts: { intervals, activity: [] } }], suggestion, 60 * MINUTE);
}

test("the limit of lateness is known, and the time before a late arrival shows as such", () => {
  const late = layOutOne([7, 60]);
  assert.equal(late.limit, 5 * MINUTE);
  assert.deepEqual(
    late.rows[0].segments.map(({ kind }) => kind),
    ["late", "connected"],
  );
  const kinds = (layout) => layout.rows[0].segments.map(({ kind }) => kind);
  assert.deepEqual(kinds(layOutOne([4, 60])), ["away", "connected"]);
  assert.deepEqual(kinds(layOutOne()), ["away"]);
});

test("an absence is named if the person came back from it", () => {
  const [row] = layOutOne([7, 31], [35, 50]).rows;
  assert.deepEqual(
    absences(row.segments).map(({ kind, start, end }) => [kind, start / MINUTE, end / MINUTE]),
    [["away", 31, 35]],
  );
  assert.deepEqual(absences(layOutOne([0, 10], [10.5, 60]).rows[0].segments), []);
});

test("labels stay inside, and those that would touch the one before are left out", () => {
  const at = (start, end) => ({ start: start * MINUTE, end: end * MINUTE, words: "away 4 min" });
  const places = placeLabels([at(0, 2), at(10, 12), at(40, 44), at(58, 60)], WINDOW);
  assert.deepEqual(
    places.map(({ x }) => x),
    [10.5, 70],
  );
  assert.ok(places.every(({ x }) => x >= 10 && x <= 90));
});

// What a timeline shows and where: the segments of each person, and positions in percent of the width. Pure: no
// elements, no clock. All times are milliseconds; a time range is `{ start, end }`.

export const CONNECTED = "connected";
export const ASSUMED = "assumed";
export const UNOBSERVED = "unobserved";
export const AWAY = "away";

/** Presence before and after the lesson is cut off at this share of its length, so that the lesson itself stays wide. */
const SHARE_OUTSIDE = 0.25;
const MINUTE_MS = 60_000;
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360].map((minutes) => minutes * MINUTE_MS);
/** So many steps between times of day fit on a narrow phone. */
const MAX_STEPS = 4;
/** A time of day closer to the end than this share of a step would touch the time of the end. */
const MIN_SHARE_OF_STEP = 0.75;
/** Labels closer to an edge than this many percent are aligned to it. */
const EDGE_PERCENT = 6;
/** This many bars of activity can be distinguished on a narrow phone. */
const MAX_BARS = 60;

/** Return the time range of an interval or gap as the API sends it (RFC 3339); an open one lasts until `until`. */
export function timeRange({ started_at: start, ended_at: end, end_reason: reason, assumed = false }, until) {
  const isOpen = reason === "" && !assumed;
  return { start: Date.parse(start), end: isOpen ? Math.max(Date.parse(end), until) : Date.parse(end), assumed };
}

function isCovered(ranges, start, end) {
  return ranges.some((range) => range.start <= start && end <= range.end);
}

/** Return what is known of a piece in which nothing begins or ends; null: nothing to show. */
function kindOf({ intervals, gaps, window, until }, start, end) {
  const observed = intervals.filter(({ assumed }) => !assumed);
  if (isCovered(observed, start, end)) return CONNECTED;
  if (isCovered(intervals, start, end)) return ASSUMED;
  if (!isCovered([{ start: window.start, end: Math.min(window.end, until) }], start, end)) return null;
  return isCovered(gaps, start, end) ? UNOBSERVED : AWAY;
}

function piecesOf(facts) {
  const { intervals, gaps, window, until } = facts;
  const ends = [...intervals, ...gaps, window].flatMap(({ start, end }) => [start, end]);
  const bounds = [...new Set([...ends, Math.min(window.end, until)])].toSorted((one, other) => one - other);
  return bounds
    .slice(1)
    .map((end, index) => ({ start: bounds[index], end, kind: kindOf(facts, bounds[index], end) }))
    .filter(({ kind }) => kind);
}

/**
 * Return the segments `{ start, end, kind }` of one person, oldest first, from their intervals (time ranges with
 * `assumed`) and the observation gaps. Inside the window every time up to `until` has one kind; outside of it only
 * presence is shown. A single sign of life is a segment without length.
 */
export function segmentsOf(facts) {
  const points = facts.intervals
    .filter(({ start, end }) => start === end)
    .map(({ start, end }) => ({ start, end, kind: CONNECTED }));
  const joined = [];
  for (const piece of piecesOf(facts)) {
    const last = joined.at(-1);
    const isSame = last?.kind === piece.kind && last.end === piece.start;
    if (isSame && !points.some(({ start }) => start === piece.start)) last.end = piece.end;
    else joined.push(piece);
  }
  return [...joined, ...points].toSorted((one, other) => one.start - other.start || one.end - other.end);
}

/** Return the times at which a person came back after having been away. */
export function returnTimes(segments) {
  return segments
    .filter(
      ({ kind }, index) =>
        kind === CONNECTED &&
        segments[index - 1]?.kind === AWAY &&
        segments.slice(0, index).some((earlier) => earlier.kind === CONNECTED),
    )
    .map(({ start }) => start);
}

/** Return the time range to show: the window, with what lies a little before and after it. */
export function visibleRange(window, segments) {
  const margin = (window.end - window.start) * SHARE_OUTSIDE;
  return {
    start: Math.max(Math.min(window.start, ...segments.map(({ start }) => start)), window.start - margin),
    end: Math.min(Math.max(window.end, ...segments.map(({ end }) => end)), window.end + margin),
  };
}

/** Return the position of a time in percent; a time that is not visible is at the edge. */
export function positionOf(time, visible) {
  const inside = Math.min(Math.max(time, visible.start), visible.end);
  return ((inside - visible.start) / (visible.end - visible.start)) * 100;
}

/** Return `{ x, width }` of a time range in percent, or null if nothing of it is visible. */
export function extentOf({ start, end }, visible) {
  if (end < visible.start || start > visible.end) return null;
  const x = positionOf(start, visible);
  return { x, width: positionOf(end, visible) - x };
}

function anchorAt(x) {
  if (x < EDGE_PERCENT) return "start";
  return x > 100 - EDGE_PERCENT ? "end" : "middle";
}

/** Return the times of day to write, `{ time, x, anchor }`: the window's start and end, and steps from its start. */
export function ticks(window, visible) {
  const length = window.end - window.start;
  const step = STEPS_MS.find((each) => length / each <= MAX_STEPS) ?? STEPS_MS.at(-1);
  const times = [window.start];
  while (times.at(-1) + step <= window.end - step * MIN_SHARE_OF_STEP) times.push(times.at(-1) + step);
  return [...times, window.end].map((time) => {
    const x = positionOf(time, visible);
    return { time, x, anchor: anchorAt(x) };
  });
}

/**
 * Return time ranges of the window with activity, as `{ start, end, count }`. `counts` is one number for each minute of
 * the window, from its start.
 */
export function activityBars(counts, window) {
  const minutes = Math.max(1, Math.ceil(counts.length / MAX_BARS));
  const bars = [];
  for (let first = 0; first < counts.length; first += minutes) {
    const start = window.start + first * MINUTE_MS;
    const count = counts.slice(first, first + minutes).reduce((sum, each) => sum + each, 0);
    if (count) bars.push({ start, end: Math.min(start + minutes * MINUTE_MS, window.end), count });
  }
  return bars;
}

/**
 * Lay out the timeline of `people` (people.js) and their suggestion, as it is at `now`: `{ window, until, visible,
 * maxCount, rows }`, where a row is `{ name, segments, bars }`.
 */
export function layOut(people, suggestion, now) {
  const window = { start: Date.parse(suggestion.scheduled_start), end: Date.parse(suggestion.scheduled_end) };
  const until = Math.min(Math.max(now, window.start), window.end);
  const gaps = suggestion.observation_gaps.map((gap) => timeRange(gap));
  const rows = people.map(({ name, intervals, activity }) => ({
    name,
    segments: segmentsOf({ intervals: intervals.map((each) => timeRange(each, until)), gaps, window, until }),
    bars: activityBars(activity, window),
  }));
  const visible = visibleRange(
    window,
    rows.flatMap(({ segments }) => segments),
  );
  const maxCount = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ count }) => count)));
  return { window, until, visible, maxCount, rows };
}

// What a timeline shows and where: the segments of each person, and positions in percent of the width. Pure: no
// elements, no clock. All times are milliseconds; a time range is `{ start, end }`.

export const CONNECTED = "connected";
export const ASSUMED = "assumed";
export const UNOBSERVED = "unobserved";
export const AWAY = "away";

/** The time that a person who came late was not there yet. */
export const LATE = "late";

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
/** How much of a narrow timeline a letter takes, in percent; labels keep a little more apart. */
const PERCENT_OF_LETTER = 2.1;
const PERCENT_BETWEEN = 2;

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

const isPresence = ({ kind }) => kind === CONNECTED || kind === ASSUMED;

/** Mark the time before a late arrival as such: from the start of the window to the first presence after the limit. */
function withLateness(segments, window, limit) {
  const [first, second] = segments;
  const isLate = first?.kind === AWAY && first.start === window.start && second && isPresence(second);
  if (!isLate || limit === null || first.end < limit) return segments;
  return [{ ...first, kind: LATE }, ...segments.slice(1)];
}

/** Return the absences to name, `{ kind, start, end }`: those from which a person came back, and what was not observed. */
export function absences(segments) {
  const firstSeen = segments.findIndex(isPresence);
  const lastSeen = segments.findLastIndex(isPresence);
  return segments.filter(({ kind, start, end }, index) => {
    if (end - start < MINUTE_MS) return false;
    return kind === UNOBSERVED || (kind === AWAY && firstSeen !== -1 && index > firstSeen && index < lastSeen);
  });
}

/**
 * Place labels, `{ start, end, words }`, under the middle of what they name, as `{ x, words }`, and leave out those that would
 * touch the one before.
 */
export function placeLabels(labels, visible) {
  let taken = Number.NEGATIVE_INFINITY;
  return labels.flatMap(({ start, end, words }) => {
    const half = (words.length * PERCENT_OF_LETTER) / 2;
    const middle = positionOf((start + end) / 2, visible);
    const x = Math.min(Math.max(middle, half), 100 - half);
    if (x - half < taken + PERCENT_BETWEEN) return [];
    taken = x + half;
    return [{ x, words }];
  });
}

/**
 * Lay out the timeline of `people` (people.js) and their suggestion, as it is at `now`: `{ window, until, limit, visible,
 * rows }`, where a row is `{ label, shortLabel, segments, bars }`. From `limit` on a person is late; null: not known.
 */
export function layOut(people, suggestion, now) {
  const window = { start: Date.parse(suggestion.scheduled_start), end: Date.parse(suggestion.scheduled_end) };
  const until = Math.min(Math.max(now, window.start), window.end);
  const { late_from_seconds: lateFrom } = suggestion;
  const limit = lateFrom === undefined ? null : Math.min(window.start + lateFrom * 1000, window.end);
  const gaps = suggestion.observation_gaps.map((gap) => timeRange(gap));
  const rows = people.map(({ label, shortLabel, facts: { intervals, activity } }) => ({
    label,
    shortLabel,
    segments: withLateness(
      segmentsOf({ intervals: intervals.map((each) => timeRange(each, until)), gaps, window, until }),
      window,
      limit,
    ),
    bars: activityBars(activity, window),
  }));
  const visible = visibleRange(
    window,
    rows.flatMap(({ segments }) => segments),
  );
  return { window, until, limit, visible, rows };
}

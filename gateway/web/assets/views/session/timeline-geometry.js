// Where things are on a timeline, in percent of its width. Pure: no elements, no clock.

/** Presence long before or after the lesson is cut off, so that the lesson stays wide: at this share of its length. */
const SHARE_OUTSIDE = 0.25;
const MINUTE_MS = 60_000;
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360].map((minutes) => minutes * MINUTE_MS);
/** So many spaces between times of day fit on a narrow phone. */
const MOST_STEPS = 4;
/** A time nearer to the end than this share of a step would touch the time of the end. */
const NEAR_THE_END = 0.75;
/** Labels nearer to an edge than this many percent begin or end at it. */
const EDGE = 6;
/** As many bars of activity as can be told apart on a narrow phone. */
const MOST_BARS = 60;

/** Return `{ from, to }`: the window with what lies before and after it. All times are milliseconds. */
export function shownTimes(window, stretches) {
  const margin = (window.to - window.from) * SHARE_OUTSIDE;
  return {
    from: Math.max(Math.min(window.from, ...stretches.map(({ from }) => from)), window.from - margin),
    to: Math.min(Math.max(window.to, ...stretches.map(({ to }) => to)), window.to + margin),
  };
}

/** Return where a moment is, in percent; what is not shown is at the edge. */
export function place(moment, shown) {
  const inside = Math.min(Math.max(moment, shown.from), shown.to);
  return ((inside - shown.from) / (shown.to - shown.from)) * 100;
}

/** Return `{ x, width }` of a stretch in percent, or null if nothing of it is shown. */
export function extent({ from, to }, shown) {
  if (to < shown.from || from > shown.to) return null;
  const x = place(from, shown);
  return { x, width: place(to, shown) - x };
}

function anchor(x) {
  if (x < EDGE) return "start";
  return x > 100 - EDGE ? "end" : "middle";
}

/** Return the times of day to write, `{ moment, x, anchor }`: the window's start and end, and steps from the start. */
export function ticks(window, shown) {
  const length = window.to - window.from;
  const step = STEPS_MS.find((each) => length / each <= MOST_STEPS) ?? STEPS_MS.at(-1);
  const moments = [window.from];
  while (moments.at(-1) + step <= window.to - step * NEAR_THE_END) moments.push(moments.at(-1) + step);
  return [...moments, window.to].map((moment) => {
    const x = place(moment, shown);
    return { moment, x, anchor: anchor(x) };
  });
}

/**
 * Return `{ from, to, count }` for stretches of the window in which somebody was active; `counts` is one number for
 * each minute of it, from its start.
 */
export function activityBars(counts, window) {
  const minutes = Math.max(1, Math.ceil(counts.length / MOST_BARS));
  const bars = [];
  for (let first = 0; first < counts.length; first += minutes) {
    const from = window.from + first * MINUTE_MS;
    const count = counts.slice(first, first + minutes).reduce((sum, each) => sum + each, 0);
    if (count) bars.push({ from, to: Math.min(from + minutes * MINUTE_MS, window.to), count });
  }
  return bars;
}

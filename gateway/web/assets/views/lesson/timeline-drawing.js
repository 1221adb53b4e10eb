// The drawing of a timeline: its rows, its axis, and what the signs mean. Positions are in percent, so that text keeps its
// size however narrow it is.

import { drawing, element } from "../../components.js";
import { axisTime, text, timeOfDay } from "../../localization.js";
import {
  ASSUMED,
  AWAY,
  absences,
  CONNECTED,
  extentOf,
  LATE,
  placeLabels,
  positionOf,
  ticks,
  UNOBSERVED,
} from "./timeline-layout.js";
import { absenceInWords } from "./timeline-words.js";

/** Heights in pixels. */
const BAR = 16;
const ACTIVITY = { gap: 2, height: 2 };
const LABEL = { height: 15, baseline: 11 };
const AXIS = { height: 16, baseline: 11 };
const SMALL_BAR = 10;
/** An interval without length must be visible, too. */
const MIN_WIDTH = 3;
/** Hatched: could not be observed; dotted: assumed. So colours need not be distinguished. */
const PATTERNS = { [UNOBSERVED]: "timeline-hatch", [ASSUMED]: "timeline-dots" };
/** What needs no words of its own in the drawing is not explained. */
const EXPLAINED = [ASSUMED, UNOBSERVED, "activity", "now"];

const percent = (value) => `${value.toFixed(3)}%`;

/** Make the patterns, once for all drawings of a page. */
export function patterns() {
  const square = (id, ...children) =>
    drawing("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, children);
  return drawing(
    "svg",
    { class: "patterns", "aria-hidden": "true", width: 0, height: 0 },
    drawing(
      "defs",
      {},
      square(PATTERNS[UNOBSERVED], drawing("path", { d: "M-1 1l2-2M0 6l6-6M5 7l2-2" })),
      square(PATTERNS[ASSUMED], drawing("circle", { cx: 3, cy: 3, r: 1.4 })),
    ),
  );
}

function line(kind, x, height) {
  return drawing("line", { class: kind, x1: percent(x), x2: percent(x), y1: 0, y2: height });
}

function bar(segment, visible, height) {
  const extent = extentOf(segment, visible);
  const { kind } = segment;
  if (!extent || kind === AWAY) return [];
  const box = { x: percent(extent.x), width: percent(extent.width), y: 0, height };
  const pattern = PATTERNS[kind] ? [drawing("rect", { ...box, fill: `url(#${PATTERNS[kind]})` })] : [];
  const least = kind === CONNECTED ? [drawing("rect", { ...box, class: kind, width: MIN_WIDTH })] : [];
  return [...least, drawing("rect", { ...box, class: kind, rx: kind === CONNECTED ? 3 : 0 }), ...pattern];
}

function bars(segments, { window, visible, until, limit }, height) {
  const scheduled = extentOf(window, visible);
  const inside = { x: percent(scheduled.x), width: percent(scheduled.width) };
  return [
    drawing("rect", { class: "scheduled", ...inside, y: 0, height, rx: 3 }),
    // What lies under others comes first.
    [LATE, UNOBSERVED, ASSUMED, CONNECTED].flatMap((kind) =>
      segments.filter((segment) => segment.kind === kind).flatMap((segment) => bar(segment, visible, height)),
    ),
    limit !== null && limit < window.end && line("limit", positionOf(limit, visible), height),
    until < window.end && line("now", positionOf(until, visible), height),
  ];
}

function activity(row, visible) {
  return row.bars.map((each) => {
    const { x, width } = extentOf(each, visible);
    const box = { x: percent(x), width: percent(width), y: BAR + ACTIVITY.gap, height: ACTIVITY.height };
    return drawing("rect", { class: "activity", ...box });
  });
}

function labelled(labels, visible, top) {
  return placeLabels(labels, visible).map(({ x, words }) =>
    drawing("text", { x: percent(x), y: top + LABEL.baseline, "text-anchor": "middle" }, words),
  );
}

/** Draw a row, with the names of absences below it. */
export function drawRow(row, layout) {
  const { segments } = row;
  const labels = absences(segments).map((one) => ({ ...one, words: absenceInWords(one) }));
  const top = BAR + (row.bars.length ? ACTIVITY.gap + ACTIVITY.height : 0);
  return drawing(
    "svg",
    { class: "row", "aria-hidden": "true", height: top + (labels.length ? LABEL.height : 0) },
    bars(segments, layout, BAR),
    activity(row, layout.visible),
    labelled(labels, layout.visible, top),
    drawing("line", { class: "cursor", y1: -2, y2: BAR + 2, visibility: "hidden" }),
  );
}

/** Draw a row without labels, for tables. */
export function drawSmallRow(row, layout) {
  return drawing(
    "svg",
    { class: "row small", "aria-hidden": "true", height: SMALL_BAR },
    bars(row.segments, layout, SMALL_BAR),
    drawing("line", { class: "cursor", y1: -2, y2: SMALL_BAR + 2, visibility: "hidden" }),
  );
}

/** Draw the times of day above the rows. */
export function axis({ window, visible }) {
  const times = ticks(window, visible).map((tick) =>
    drawing("text", { x: percent(tick.x), y: AXIS.baseline, "text-anchor": tick.anchor }, axisTime(tick.time)),
  );
  return drawing("svg", { class: "axis", "aria-hidden": "true", height: AXIS.height }, times);
}

/** Draw the name of the limit of lateness below the rows; null where it is not known. */
export function limitLabel({ window, visible, limit }) {
  if (limit === null || limit >= window.end) return null;
  const words = text("lesson.timeline.lateFrom", { time: timeOfDay(limit) });
  return drawing(
    "svg",
    { class: "axis limits", "aria-hidden": "true", height: LABEL.height },
    labelled([{ start: limit, end: limit, words }], visible, 0),
  );
}

function sample(kind) {
  const box = { y: 3, width: 20, height: 8 };
  const signs = {
    activity: () => [2, 8, 14].map((x) => drawing("rect", { class: "activity", x, width: 4, y: 6, height: 2 })),
    now: () => [drawing("line", { class: "now", x1: 10, x2: 10, y1: 0, y2: 14 })],
  };
  const drawn = signs[kind]?.() ?? [
    drawing("rect", { ...box, class: kind }),
    drawing("rect", { ...box, fill: `url(#${PATTERNS[kind]})` }),
  ];
  return drawing("svg", { class: "sample", "aria-hidden": "true", width: 20, height: 14 }, drawn);
}

/** Make the list of what the signs mean; only those that occur are in it. */
export function legend({ rows, window, until }) {
  const kinds = new Set(rows.flatMap(({ segments }) => segments.map(({ kind }) => kind)));
  if (rows.some((row) => row.bars.length)) kinds.add("activity");
  if (until < window.end) kinds.add("now");
  return element(
    "ul",
    { class: "signs" },
    EXPLAINED.filter((kind) => kinds.has(kind)).map((kind) =>
      element("li", {}, sample(kind), text(`lesson.timeline.${kind}`)),
    ),
  );
}

// Bars and columns. Each kind is filled with a pattern of its own, so that colour alone never distinguishes two of them; the
// numbers are also written beside them, for people who don't see them.

import { drawing, element } from "./components.js";

const TILE = 6;
/** What is drawn over the colour of a kind, on a tile that repeats; other kinds are plain. */
const MARKS = {
  late: () => drawing("path", { d: `M-1,1 l2,-2 M0,${TILE} l${TILE},-${TILE} M${TILE - 1},${TILE + 1} l2,-2` }),
  absent: () => drawing("path", { d: `M0,0 l${TILE},${TILE} M0,${TILE} l${TILE},-${TILE}` }),
  other: () => drawing("circle", { cx: TILE / 2, cy: TILE / 2, r: 1 }),
};

function pattern(kind) {
  const tile = { width: TILE, height: TILE, patternUnits: "userSpaceOnUse" };
  return drawing(
    "pattern",
    { id: `chart-fill-${kind}`, class: `chart-fill ${kind}`, ...tile },
    drawing("rect", { width: TILE, height: TILE }),
    MARKS[kind](),
  );
}

/** Make the patterns: a page with charts needs them once. */
export function chartPatterns() {
  return drawing(
    "svg",
    { class: "chart-fills", width: 0, height: 0, "aria-hidden": "true" },
    drawing("defs", {}, Object.keys(MARKS).map(pattern)),
  );
}

function filled(kind, attributes) {
  return drawing("rect", {
    class: `chart-filled ${kind}`,
    fill: MARKS[kind] && `url(#chart-fill-${kind})`,
    ...attributes,
  });
}

const WHOLE_PERCENT = 100;
/** Sizes of a column chart in pixels. */
const COLUMN = { step: 52, width: 30, height: 130 };
/** Room for a number above the highest column, and for two lines below. */
const ABOVE = 20;
const BELOW = 42;
const LINE_HEIGHT = 17;
const LABEL_RISE = 5;
/** Room for the goal's label, at the right. */
const GOAL_ROOM = 80;
const BASE = ABOVE + COLUMN.height;

function bar(...parts) {
  return drawing("svg", { class: "chart-bar", "aria-hidden": "true" }, ...parts);
}

function percent(share) {
  return `${share}%`;
}

/** Make a bar that is divided into `parts`, `{ kind, count }`, from the left. */
export function dividedBar(parts) {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  let start = 0;
  return bar(
    ...parts
      .filter(({ count }) => count)
      .map(({ kind, count }) => {
        const width = (count / total) * WHOLE_PERCENT;
        const drawn = filled(kind, { x: percent(start), width: percent(width), height: "100%" });
        start += width;
        return drawn;
      }),
  );
}

function across(part, goal) {
  return drawing("line", { class: part, x1: percent(goal), x2: percent(goal), y1: 0, y2: "100%" });
}

/** Make a bar of a share in percent, from 0 to 100, with a line at the goal; without the bar itself if it is null. */
export function shareBar(share, { goal = null } = {}) {
  return bar(
    drawing("rect", { class: "chart-track", width: "100%", height: "100%" }),
    share !== null &&
      drawing("rect", { class: "chart-share", width: percent(Math.min(share, WHOLE_PERCENT)), height: "100%" }),
    ...(goal === null ? [] : ["chart-goal-edge", "chart-goal"].map((part) => across(part, goal))),
  );
}

/** Make a sample of how a kind is filled, for a legend. */
export function swatch(kind) {
  return drawing(
    "svg",
    { class: "chart-swatch", "aria-hidden": "true" },
    filled(kind, { width: "100%", height: "100%" }),
  );
}

function label(x, y, content, attributes = {}) {
  return drawing("text", { x, y, ...attributes }, content);
}

function middleOf(number) {
  return COLUMN.step * (number + 0.5);
}

function topOf({ value }, top) {
  return BASE - ((value ?? 0) / top) * COLUMN.height;
}

function shape(column, number, top) {
  const y = topOf(column, top);
  return (
    column.value !== null &&
    filled(column.kind, { x: middleOf(number) - COLUMN.width / 2, y, width: COLUMN.width, height: BASE - y })
  );
}

function labels(column, number, top) {
  return drawing(
    "g",
    { "text-anchor": "middle" },
    label(middleOf(number), topOf(column, top) - LABEL_RISE, column.label),
    column.lines.map((line, place) =>
      label(middleOf(number), BASE + LINE_HEIGHT * (place + 1), line, { class: "quiet" }),
    ),
  );
}

function goalLine(goal, top) {
  const y = topOf(goal, top);
  return drawing(
    "g",
    {},
    drawing("line", { class: "chart-goal", x1: 0, x2: "100%", y1: y, y2: y }),
    label("100%", y - LABEL_RISE, goal.label, { "text-anchor": "end" }),
  );
}

/**
 * Make a chart of `columns`, `{ lines, value, label, kind }`: up to two lines of text below, the height, the text above,
 * and how it is filled; a column whose value is null is a label alone. `top` is the value at the top of the scale,
 * `goal` a line across, `{ value, label }`, and `description` what screen readers say. The chart scrolls sideways in
 * itself where there is no room.
 */
export function columnChart({ columns, top, goal = null, title, description }) {
  const width = COLUMN.step * columns.length + (goal ? GOAL_ROOM : 0);
  const height = BASE + BELOW;
  const chart = drawing(
    "svg",
    { class: "chart-columns", role: "img", "aria-label": description, width, height },
    drawing("line", { class: "chart-base", x1: 0, x2: "100%", y1: BASE, y2: BASE }),
    columns.map((column, number) => shape(column, number, top)),
    goal && goalLine(goal, top),
    // Last, so that no line crosses the text.
    columns.map((column, number) => labels(column, number, top)),
  );
  const place = element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": title }, chart);
  // Scroll to the latest columns, which come last; before the chart is in the page it can't be scrolled.
  requestAnimationFrame(() => {
    place.scrollLeft = place.scrollWidth;
  });
  return element("figure", {}, element("figcaption", {}, title), place);
}

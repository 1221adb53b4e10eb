// Columns over time. They keep their width, and the chart scrolls in itself when there are many.

import { drawing, element } from "../elements.js";
import { filled } from "./chart-fills.js";

const STEP = 52;
const WIDTH = 30;
const HEIGHT = 130;
/** Room for a number above the highest column, and for two lines below. */
const ABOVE = 20;
const BELOW = 42;
const LINE = 17;
const LABEL_RISE = 5;
/** At the right, for the goal's label. */
const GOAL_ROOM = 80;
const BASE = ABOVE + HEIGHT;

function words(x, y, content, attributes = {}) {
  return drawing("text", { x, y, ...attributes }, content);
}

function middleOf(number) {
  return STEP * (number + 0.5);
}

function topOf({ value }, top) {
  return BASE - ((value ?? 0) / top) * HEIGHT;
}

function shape(column, number, top) {
  const y = topOf(column, top);
  return column.value !== null
    && filled(column.kind, { x: middleOf(number) - WIDTH / 2, y, width: WIDTH, height: BASE - y });
}

function labels(column, number, top) {
  return drawing("g", { "text-anchor": "middle" },
    words(middleOf(number), topOf(column, top) - LABEL_RISE, column.label),
    column.lines.map((line, place) => words(middleOf(number), BASE + LINE * (place + 1), line, { class: "quiet" })));
}

function goalLine(goal, top) {
  const y = topOf(goal, top);
  return drawing("g", {},
    drawing("line", { class: "chart-goal", x1: 0, x2: "100%", y1: y, y2: y }),
    words("100%", y - LABEL_RISE, goal.label, { "text-anchor": "end" }));
}

/**
 * Make a chart of `columns`, `{ lines, value, label, kind }`: up to two lines below each, its number, the number in words
 * above it, and how it is filled; a value of null has a label alone. `top` is the highest number of the scale, `goal` a line
 * across it, `{ value, label }`, `title` what it shows, and `description` what somebody hears who does not see it.
 */
export function columnChart({ columns, top, goal = null, title, description }) {
  const width = STEP * columns.length + (goal ? GOAL_ROOM : 0);
  // Words come last: no line may cross them.
  const height = BASE + BELOW;
  const chart = drawing("svg", { class: "chart-columns", role: "img", "aria-label": description, width, height },
    drawing("line", { class: "chart-base", x1: 0, x2: "100%", y1: BASE, y2: BASE }),
    columns.map((column, number) => shape(column, number, top)),
    goal && goalLine(goal, top),
    columns.map((column, number) => labels(column, number, top)));
  const place = element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": title }, chart);
  // The latest come last, and are what one looks for first; before it is in the page it can't be scrolled.
  requestAnimationFrame(() => { place.scrollLeft = place.scrollWidth; });
  return element("figure", {}, element("figcaption", {}, title), place);
}

// Bars that lie: as wide as their place, so nothing in them is stretched. The numbers stand beside them, for everybody.

import { drawing } from "../elements.js";
import { filled } from "./chart-fills.js";

const WHOLE = 100;

function bar(...parts) {
  return drawing("svg", { class: "chart-bar", "aria-hidden": "true" }, ...parts);
}

function percent(share) {
  return `${share}%`;
}

/** A bar that is divided: `parts` are `{ kind, count }`, in their order from the left. */
export function dividedBar(parts) {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  let start = 0;
  return bar(...parts.filter(({ count }) => count).map(({ kind, count }) => {
    const width = (count / total) * WHOLE;
    const drawn = filled(kind, { x: percent(start), width: percent(width), height: "100%" });
    start += width;
    return drawn;
  }));
}

function across(part, goal) {
  return drawing("line", { class: part, x1: percent(goal), x2: percent(goal), y1: 0, y2: "100%" });
}

/** A bar of a share in percent, from 0 to 100, with a line where the goal is; null: nothing is known. */
export function shareBar(share, { goal = null } = {}) {
  return bar(
    drawing("rect", { class: "chart-track", width: "100%", height: "100%" }),
    share !== null && drawing("rect", { class: "chart-share", width: percent(Math.min(share, WHOLE)), height: "100%" }),
    ...(goal === null ? [] : ["chart-goal-edge", "chart-goal"].map((part) => across(part, goal))),
  );
}

/** How a kind is filled, for a legend. */
export function swatch(kind) {
  return drawing("svg", { class: "chart-swatch", "aria-hidden": "true" }, filled(kind, { width: "100%", height: "100%" }));
}

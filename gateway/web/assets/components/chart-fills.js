// How charts fill what they draw: each kind by a pattern of its own, so that no colour has to be told from another.

import { drawing } from "../elements.js";

const TILE = 6;
/** What is drawn over the colour of a kind, on a tile that repeats; kinds without an entry are plain. */
const MARKS = {
  late: () => drawing("path", { d: `M-1,1 l2,-2 M0,${TILE} l${TILE},-${TILE} M${TILE - 1},${TILE + 1} l2,-2` }),
  absent: () => drawing("path", { d: `M0,0 l${TILE},${TILE} M0,${TILE} l${TILE},-${TILE}` }),
  other: () => drawing("circle", { cx: TILE / 2, cy: TILE / 2, r: 1 }),
};

function pattern(kind) {
  const tile = { width: TILE, height: TILE, patternUnits: "userSpaceOnUse" };
  return drawing("pattern", { id: `chart-fill-${kind}`, class: `chart-fill ${kind}`, ...tile },
    drawing("rect", { width: TILE, height: TILE }), MARKS[kind]());
}

/** The patterns: to be put into the page once, wherever charts are. */
export function fills() {
  return drawing("svg", { class: "chart-fills", width: 0, height: 0, "aria-hidden": "true" },
    drawing("defs", {}, Object.keys(MARKS).map(pattern)));
}

/** Draw a rectangle filled as its kind is. */
export function filled(kind, attributes) {
  return drawing("rect", { class: `chart-filled ${kind}`, fill: MARKS[kind] && `url(#chart-fill-${kind})`, ...attributes });
}

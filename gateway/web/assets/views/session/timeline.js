// When everybody was connected, as a drawing: one row for each person, one scale for all.

import { drawing, element } from "../../elements.js";
import { clock } from "../../format.js";
import { text } from "../../strings/index.js";
import { ASSUMED, AWAY, CONNECTED, UNOBSERVED, returns, spanOf, stretchesOf } from "./stretches.js";
import { activityBars, extent, place, shownTimes, ticks } from "./timeline-geometry.js";
import { timelineText } from "./timeline-text.js";

/** Sizes in pixels; what is horizontal is in percent, so that words keep their size however narrow the timeline is. */
const ROW = { height: 42, top: 14, bar: 24, activity: 12 };
const AXIS = { height: 22, baseline: 12 };
/** What lasts for no time at all is to be seen all the same. */
const LEAST_WIDTH = 3;
/** Lines tell what could not be observed, dots what is assumed: nobody has to tell colours apart. */
const PATTERNS = { [UNOBSERVED]: "timeline-hatch", [ASSUMED]: "timeline-dots" };

const percent = (value) => `${value.toFixed(3)}%`;

function patterns() {
  const square = (id, ...children) =>
    drawing("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, children);
  return drawing("svg", { class: "patterns", "aria-hidden": "true", width: 0, height: 0 }, drawing("defs", {},
    square(PATTERNS[UNOBSERVED], drawing("path", { d: "M-1 1l2-2M0 6l6-6M5 7l2-2" })),
    square(PATTERNS[ASSUMED], drawing("circle", { cx: 3, cy: 3, r: 1.4 }))));
}

function line(kind, x, height) {
  return drawing("line", { class: kind, x1: percent(x), x2: percent(x), y1: 0, y2: height });
}

function bar(stretch, shown) {
  const found = extent(stretch, shown);
  if (!found) return [];
  const { kind } = stretch;
  const box = { x: percent(found.x), width: percent(found.width), y: ROW.top, height: ROW.bar };
  if (kind === AWAY) {
    const middle = ROW.top + ROW.bar / 2;
    const end = percent(found.x + found.width);
    return [drawing("line", { class: AWAY, x1: box.x, x2: end, y1: middle, y2: middle })];
  }
  const pattern = PATTERNS[kind] ? [drawing("rect", { ...box, fill: `url(#${PATTERNS[kind]})` })] : [];
  const least = kind === CONNECTED ? [drawing("rect", { ...box, class: kind, width: LEAST_WIDTH })] : [];
  return [...least, drawing("rect", { ...box, class: kind }), ...pattern];
}

/** A wedge that points to the moment of a return. */
function returned(moment, shown) {
  const x = percent(place(moment, shown));
  const wedge = drawing("path", { class: "return", d: "M-6-8h12l-6 8z" });
  return drawing("svg", { x, y: ROW.top, overflow: "visible" }, wedge);
}

function activity({ bars }, most, shown) {
  return bars.map((each) => {
    const { x, width } = extent(each, shown);
    const height = Math.max(1, (each.count / most) * ROW.activity);
    const box = { x: percent(x), width: percent(width), y: ROW.activity - height, height };
    return drawing("rect", { class: "activity", ...box });
  });
}

function drawRow(row, { window, shown, until, most }) {
  const scheduled = extent(window, shown);
  const label = text("session.timeline.row", { name: row.name });
  const inside = { x: percent(scheduled.x), width: percent(scheduled.width) };
  return drawing("svg", { class: "row", role: "img", "aria-label": label, height: ROW.height },
    drawing("rect", { class: "outside", x: 0, width: "100%", y: ROW.top, height: ROW.bar }),
    drawing("rect", { class: "scheduled", ...inside, y: ROW.top, height: ROW.bar }),
    activity(row, most, shown),
    row.stretches.map((stretch) => bar(stretch, shown)).flat(),
    returns(row.stretches).map((moment) => returned(moment, shown)),
    line("limit", scheduled.x, ROW.height), line("limit", scheduled.x + scheduled.width, ROW.height),
    until < window.to && line("now", place(until, shown), ROW.height));
}

function axis({ window, shown }) {
  const times = ticks(window, shown).map((tick) =>
    drawing("text", { x: percent(tick.x), y: AXIS.baseline, "text-anchor": tick.anchor }, clock(tick.moment)));
  return drawing("svg", { class: "axis", "aria-hidden": "true", height: AXIS.height }, times);
}

function sample(kind) {
  const box = { y: 2, width: 24, height: 12 };
  const signs = {
    [AWAY]: () => [drawing("line", { class: AWAY, x1: 0, x2: 24, y1: 8, y2: 8 })],
    return: () => [drawing("path", { class: "return", d: "M6 4h12l-6 8z" })],
    activity: () => [[2, 6], [8, 12], [14, 4], [20, 9]].map(([x, height]) =>
      drawing("rect", { class: "activity", x, width: 4, y: 14 - height, height })),
    now: () => [drawing("line", { class: "now", x1: 12, x2: 12, y1: 0, y2: 16 })],
  };
  const drawn = signs[kind]?.() ?? [drawing("rect", { ...box, class: kind }),
    PATTERNS[kind] && drawing("rect", { ...box, fill: `url(#${PATTERNS[kind]})` })];
  return drawing("svg", { class: "sample", "aria-hidden": "true", width: 24, height: 16 }, drawn);
}

/** Only what there is to be seen is explained. */
function legend({ rows, window, until }) {
  const kinds = new Set(rows.flatMap(({ stretches }) => stretches.map(({ kind }) => kind)));
  if (rows.some(({ stretches }) => returns(stretches).length)) kinds.add("return");
  if (rows.some(({ bars }) => bars.length)) kinds.add("activity");
  if (until < window.to) kinds.add("now");
  return element("ul", { class: "signs" },
    [...kinds].map((kind) => element("li", {}, sample(kind), text(`session.timeline.${kind}`))));
}

/** Lay out what `people` (people.js) and their suggestion tell, as it was at `now` (milliseconds). */
function layOut(people, suggestion, now) {
  const window = { from: Date.parse(suggestion.scheduled_start), to: Date.parse(suggestion.scheduled_end) };
  const until = Math.min(Math.max(now, window.from), window.to);
  const gaps = suggestion.observation_gaps.map((gap) => spanOf(gap));
  const rows = people.map(({ name, intervals, activity: counts }) => ({
    name,
    stretches: stretchesOf({ intervals: intervals.map((interval) => spanOf(interval, until)), gaps, window, until }),
    bars: activityBars(counts, window),
  }));
  const shown = shownTimes(window, rows.flatMap(({ stretches }) => stretches));
  const most = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ count }) => count)));
  return { window, until, rows, shown, most };
}

/** Make a timeline, to be filled by `show(people, suggestion, now)` as often as there is something new. */
export function timeline() {
  const picture = element("div", { class: "timeline" });
  const words = timelineText();
  return {
    element: element("figure", {},
      element("figcaption", { class: "unseen" }, text("session.timeline.title")), picture, words.element),
    show(people, suggestion, now) {
      const laidOut = layOut(people, suggestion, now);
      const rows = laidOut.rows.flatMap((row) => [element("p", { class: "name" }, row.name), drawRow(row, laidOut)]);
      picture.replaceChildren(patterns(), axis(laidOut), ...rows, legend(laidOut));
      words.show(laidOut);
    },
  };
}

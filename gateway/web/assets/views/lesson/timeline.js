// When each person was connected: a drawing with one row per person on a common scale, and the same as text.

import { drawing, element } from "../../components.js";
import { text, timeOfDay } from "../../localization.js";
import {
  ASSUMED,
  AWAY,
  CONNECTED,
  extentOf,
  layOut,
  positionOf,
  returnTimes,
  ticks,
  UNOBSERVED,
} from "./timeline-layout.js";

/** Heights in pixels. Widths are in percent, so that text keeps its size however narrow the timeline is. */
const ROW = { height: 42, top: 14, bar: 24, activity: 12 };
const AXIS = { height: 22, baseline: 12 };
/** An interval without length must be visible, too. */
const MIN_WIDTH = 3;
/** Hatched: could not be observed; dotted: assumed. So colours need not be distinguished. */
const PATTERNS = { [UNOBSERVED]: "timeline-hatch", [ASSUMED]: "timeline-dots" };

const percent = (value) => `${value.toFixed(3)}%`;

function patterns() {
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

function bar(segment, visible) {
  const extent = extentOf(segment, visible);
  if (!extent) return [];
  const { kind } = segment;
  const box = { x: percent(extent.x), width: percent(extent.width), y: ROW.top, height: ROW.bar };
  if (kind === AWAY) {
    const middle = ROW.top + ROW.bar / 2;
    const end = percent(extent.x + extent.width);
    return [drawing("line", { class: AWAY, x1: box.x, x2: end, y1: middle, y2: middle })];
  }
  const pattern = PATTERNS[kind] ? [drawing("rect", { ...box, fill: `url(#${PATTERNS[kind]})` })] : [];
  const least = kind === CONNECTED ? [drawing("rect", { ...box, class: kind, width: MIN_WIDTH })] : [];
  return [...least, drawing("rect", { ...box, class: kind }), ...pattern];
}

/** Draw a wedge at the time of a return. */
function returnSign(time, visible) {
  const x = percent(positionOf(time, visible));
  const wedge = drawing("path", { class: "return", d: "M-6-8h12l-6 8z" });
  return drawing("svg", { x, y: ROW.top, overflow: "visible" }, wedge);
}

function activity({ bars }, maxCount, visible) {
  return bars.map((each) => {
    const { x, width } = extentOf(each, visible);
    const height = Math.max(1, (each.count / maxCount) * ROW.activity);
    const box = { x: percent(x), width: percent(width), y: ROW.activity - height, height };
    return drawing("rect", { class: "activity", ...box });
  });
}

function drawRow(row, { window, visible, until, maxCount }) {
  const scheduled = extentOf(window, visible);
  const label = text("lesson.timeline.row", { name: row.name });
  const inside = { x: percent(scheduled.x), width: percent(scheduled.width) };
  return drawing(
    "svg",
    { class: "row", role: "img", "aria-label": label, height: ROW.height },
    drawing("rect", { class: "outside", x: 0, width: "100%", y: ROW.top, height: ROW.bar }),
    drawing("rect", { class: "scheduled", ...inside, y: ROW.top, height: ROW.bar }),
    activity(row, maxCount, visible),
    row.segments.flatMap((segment) => bar(segment, visible)),
    returnTimes(row.segments).map((time) => returnSign(time, visible)),
    line("limit", scheduled.x, ROW.height),
    line("limit", scheduled.x + scheduled.width, ROW.height),
    until < window.end && line("now", positionOf(until, visible), ROW.height),
  );
}

function axis({ window, visible }) {
  const times = ticks(window, visible).map((tick) =>
    drawing("text", { x: percent(tick.x), y: AXIS.baseline, "text-anchor": tick.anchor }, timeOfDay(tick.time)),
  );
  return drawing("svg", { class: "axis", "aria-hidden": "true", height: AXIS.height }, times);
}

function sample(kind) {
  const box = { y: 2, width: 24, height: 12 };
  const signs = {
    [AWAY]: () => [drawing("line", { class: AWAY, x1: 0, x2: 24, y1: 8, y2: 8 })],
    return: () => [drawing("path", { class: "return", d: "M6 4h12l-6 8z" })],
    activity: () =>
      [
        [2, 6],
        [8, 12],
        [14, 4],
        [20, 9],
      ].map(([x, height]) => drawing("rect", { class: "activity", x, width: 4, y: 14 - height, height })),
    now: () => [drawing("line", { class: "now", x1: 12, x2: 12, y1: 0, y2: 16 })],
  };
  const drawn = signs[kind]?.() ?? [
    drawing("rect", { ...box, class: kind }),
    PATTERNS[kind] && drawing("rect", { ...box, fill: `url(#${PATTERNS[kind]})` }),
  ];
  return drawing("svg", { class: "sample", "aria-hidden": "true", width: 24, height: 16 }, drawn);
}

/** Only signs that occur are explained. */
function legend({ rows, window, until }) {
  const kinds = new Set(rows.flatMap(({ segments }) => segments.map(({ kind }) => kind)));
  if (rows.some(({ segments }) => returnTimes(segments).length)) kinds.add("return");
  if (rows.some(({ bars }) => bars.length)) kinds.add("activity");
  if (until < window.end) kinds.add("now");
  return element(
    "ul",
    { class: "signs" },
    [...kinds].map((kind) => element("li", {}, sample(kind), text(`lesson.timeline.${kind}`))),
  );
}

function times(range) {
  const [start, end] = [timeOfDay(range.start), timeOfDay(range.end)];
  return start === end ? text("lesson.timeline.instant", { start }) : text("lesson.timeline.times", { start, end });
}

function sentence(segment) {
  return text("lesson.timeline.segment", { times: times(segment), what: text(`lesson.timeline.${segment.kind}`) });
}

function activityInWords(bars) {
  if (!bars.length) return null;
  const parts = bars.map((bar) => text("lesson.timeline.activeIn", { times: times(bar), count: bar.count }));
  return element("p", {}, text("lesson.timeline.activeTimes", { times: parts.join("; ") }));
}

function personInWords({ name, segments, bars }) {
  const came = segments.some(({ kind }) => kind === CONNECTED);
  return element(
    "li",
    {},
    element("p", { class: "name" }, name),
    !came && element("p", {}, text("lesson.timeline.never")),
    element(
      "ol",
      {},
      segments.map((segment) => element("li", {}, sentence(segment))),
    ),
    activityInWords(bars),
  );
}

/** Make the text, to be filled by `show(layout)`. */
function timelineText() {
  const scheduled = element("p", {});
  const people = element("ul", {});
  return {
    element: element(
      "details",
      { class: "as-text" },
      element("summary", {}, text("lesson.timeline.asText")),
      scheduled,
      people,
    ),
    show({ window, until, rows }) {
      const [start, end] = [timeOfDay(window.start), timeOfDay(window.end)];
      scheduled.textContent =
        until < window.end
          ? text("lesson.timeline.scheduledSoFar", { start, end, now: timeOfDay(until) })
          : text("lesson.timeline.scheduled", { start, end });
      people.replaceChildren(...rows.map(personInWords));
    },
  };
}

/** Make a timeline, to be filled by `show(people, suggestion, now)`: `people` of people.js, `now` in milliseconds. */
export function timeline() {
  const picture = element("div", { class: "timeline" });
  const description = timelineText();
  return {
    element: element(
      "figure",
      {},
      element("figcaption", { class: "unseen" }, text("lesson.timeline.title")),
      picture,
      description.element,
    ),
    show(people, suggestion, now) {
      const layout = layOut(people, suggestion, now);
      const rows = layout.rows.flatMap((row) => [element("p", { class: "name" }, row.name), drawRow(row, layout)]);
      picture.replaceChildren(patterns(), axis(layout), ...rows, legend(layout));
      description.show(layout);
    },
  };
}

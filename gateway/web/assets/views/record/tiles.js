// How often a student attended, was late or absent, and for how long they were there, at a glance.

import { element, icon } from "../../components.js";
import { duration, number, percent, text, minutes as whole } from "../../localization.js";

const PERCENT = 100;
const TILES = 4;

/** Write a share, from 0 to 1, in whole percent; null: there is none. */
export function shareInWords(share) {
  return share === null ? "–" : percent(Math.round(share * PERCENT));
}

function tile(kind, sign, name, value, more) {
  return element(
    "div",
    { class: `tile ${kind}` },
    element("dt", {}, icon(sign), " ", name),
    element("dd", {}, element("b", {}, value), element("span", { class: "quiet small" }, more)),
  );
}

/** Make the tiles of some figures (figures.js). */
export function tiles(figures) {
  const { attended, marked, late, absent, excused, minutes, measured } = figures;
  return element(
    "dl",
    { class: "tiles" },
    tile(
      "present",
      "check",
      text("record.figures.attended"),
      shareInWords(figures.share),
      text("record.figures.of", { attended: number(attended), count: marked }),
    ),
    tile("late", "clock", text("record.figures.late"), number(late), text("record.figures.lateMeans")),
    tile(
      "absent",
      "cross",
      text("record.figures.absent"),
      number(absent),
      absent ? text("record.figures.excused", { count: excused }) : "\u00a0",
    ),
    tile(
      "",
      "lessons",
      text("record.figures.there"),
      measured ? duration(minutes) : "–",
      measured ? text("record.figures.average", { minutes: whole(minutes / measured), count: measured }) : "\u00a0",
    ),
  );
}

/** Make tiles of the same size as the tiles, so that nothing moves when they come. */
export function placeholder() {
  const one = () =>
    element(
      "div",
      { class: "tile" },
      element("dt", {}, "…"),
      element("dd", {}, element("b", {}, "…"), element("span", { class: "small" }, "…")),
    );
  return element("div", { class: "tiles", "aria-hidden": "true" }, Array.from({ length: TILES }, one));
}

// How often a student attended, month by month, as columns.

import { element } from "../../components.js";
import { plusDays } from "../../days.js";
import { number, text } from "../../localization.js";
import { month, monthLines, monthStart } from "../../months.js";
import { byMonth } from "./figures.js";

const PERCENT = 100;

function column({ month: start, attended, late, absent, marked, share }) {
  const [name, year] = monthLines(start);
  const [, yearBefore] = monthLines(plusDays(start, -1));
  const part = (kind, count) => {
    const made = element("span", { class: `part ${kind}` });
    made.style.setProperty("flex-grow", count);
    return count ? made : null;
  };
  const bar = element(
    "span",
    { class: "bar", "aria-hidden": "true" },
    part("absent", absent),
    part("late", late),
    part("present", attended - late),
  );
  const words = text("record.trend.of", {
    month: month(start),
    attended: number(attended),
    count: marked,
    late: number(late),
    absent: number(absent),
  });
  return element(
    "li",
    { title: words },
    element(
      "span",
      { class: "share", "aria-hidden": "true" },
      share === null ? "" : number(Math.round(share * PERCENT)),
    ),
    bar,
    element(
      "span",
      { class: "month", "aria-hidden": "true" },
      name,
      element("small", {}, year === yearBefore ? "" : year),
    ),
    element("span", { class: "unseen" }, words),
  );
}

/** Return the elements of the trend over rows of a report; none without rows. */
export function trend(rows) {
  const months = byMonth(rows, { monthOf: monthStart });
  if (months.length === 0) return [];
  return [
    element("h2", {}, text("record.trend.title")),
    element("ol", { class: "trend" }, months.map(column)),
    element(
      "p",
      { class: "legend quiet small", "aria-hidden": "true" },
      ["present", "late", "absent"].map((kind) =>
        element("span", {}, element("i", { class: `part ${kind}` }), text(`common.status.${kind}`)),
      ),
    ),
  ];
}

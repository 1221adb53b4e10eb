// What several reports show: tables, tiles, and the distribution of statuses as a tile over a bar.

import { dividedBar, legend } from "../../charts.js";
import { element } from "../../components.js";
import { number, percent, text } from "../../localization.js";
import { attendedIn, attendedShareOf, kindsIn, markedIn } from "./totals.js";

function classOf({ type }, content) {
  return type === "number" && content === number(0) ? "number zero" : type;
}

/** The label of a cell is shown where rows are cards, on a phone. Roles stay what they are, whatever is displayed. */
function cell({ type, label, value }, row, attributes = {}) {
  const isName = type === "name";
  const content = value(row);
  const about = isName ? { scope: "row", role: "rowheader" } : { role: "cell", "data-label": label };
  return element(isName ? "th" : "td", { class: classOf({ type }, content), ...about, ...attributes }, content);
}

function tableRow(columns, row, attributesOf) {
  return element(
    "tr",
    { role: "row" },
    columns.map((column) => cell(column, row, column.type === "name" ? attributesOf : {})),
  );
}

/**
 * Make a table. `columns` are `{ label, type, value(row) }`, of the types `name` (the header of its row), `number`,
 * `bar-cell` and `text`; `total` is a row of its own at the foot.
 */
export function table({ caption, columns, rows, total = null }) {
  // In a span of its own, which stays in view while the table is scrolled.
  const title = element("span", {}, caption);
  const head = columns.map(({ label, type }) =>
    element("th", { scope: "col", role: "columnheader", class: type }, label),
  );
  const body = rows.map((row, place) => tableRow(columns, row, { tabindex: -1, "data-row": place }));
  return element(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    element(
      "table",
      { role: "table" },
      element("caption", {}, title),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, head)),
      element("tbody", { role: "rowgroup" }, body),
      total && element("tfoot", { role: "rowgroup" }, tableRow(columns, total, {})),
    ),
  );
}

/** Make a tile: what it is about, its value, and sentences or elements below. */
export function tile(label, value, ...details) {
  const lines = details
    .filter(Boolean)
    .map((detail) => (typeof detail === "string" ? element("p", {}, detail) : detail));
  return element("div", { class: "tile" }, element("p", {}, label), element("p", { class: "value" }, value), lines);
}

/** Write a kind of totals.js. */
export function kindWord(kind) {
  return kind === "other" ? text("reports.otherStatus") : text(`common.status.${kind}`);
}

/** Write a share in percent; null: nothing is marked. */
export function shareInWords(share) {
  if (share === null) return element("span", { class: "unset" }, text("reports.noneMarked"));
  return percent(share);
}

/** Make the bar of a tally. */
export function tallyBar(tally) {
  return dividedBar(kindsIn(tally).map((kind) => ({ kind, count: tally[kind] })));
}

/** Make the tile of a tally: which share attended, its bar, and what the patterns mean. */
export function distribution(tally, { label, excused = 0 }) {
  const marked = markedIn(tally);
  const entries = kindsIn(tally).map((kind) => ({
    kind,
    label: text("reports.countOf", { kind: kindWord(kind), count: number(tally[kind]) }),
  }));
  const attended = text("reports.attendedOf", { attended: number(attendedIn(tally)), count: marked });
  const excuses = excused ? text("reports.excusedOf", { excused: number(excused), count: tally.absent }) : "";
  return tile(
    label,
    shareInWords(attendedShareOf(tally)),
    marked ? [attended, excuses].filter(Boolean).join(" ") : "",
    tallyBar(tally),
    legend(entries),
  );
}

// What several reports show: a table, and the distribution of statuses as a headline over a bar.

import { dividedBar, swatch } from "../../charts.js";
import { element } from "../../components.js";
import { number, percent, text } from "../../localization.js";
import { kindsIn, markedIn, rateOf } from "./totals.js";

function cell({ type, value }, row, attributes = {}) {
  const first = type === "name";
  return element(first ? "th" : "td", { class: type, scope: first && "row", ...attributes }, value(row));
}

function tableRow(columns, row, number) {
  return element(
    "tr",
    {},
    columns.map((column) => cell(column, row, column.type === "name" ? { tabindex: -1, "data-row": number } : {})),
  );
}

/**
 * Make a table that scrolls sideways in itself. `columns` are `{ label, type, value(row) }`, of the types `name` (the
 * header of its row), `number`, `bar` and `text`; `total` is a row of its own at the foot.
 */
export function table({ caption, columns, rows, total = null }) {
  // In a span of its own, which stays in view while the table is scrolled.
  const title = element("span", {}, caption);
  const head = element(
    "tr",
    {},
    columns.map(({ label, type }) => element("th", { scope: "col", class: type }, label)),
  );
  return element(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    element(
      "table",
      {},
      element("caption", {}, title),
      element("thead", {}, head),
      element(
        "tbody",
        {},
        rows.map((row, number) => tableRow(columns, row, number)),
      ),
      total &&
        element(
          "tfoot",
          {},
          element(
            "tr",
            {},
            columns.map((column) => cell(column, total)),
          ),
        ),
    ),
  );
}

/** Write a kind of totals.js. */
export function kindWord(kind) {
  return kind === "other" ? text("reports.otherStatus") : text(`common.status.${kind}`);
}

/** Write a rate; null: nothing is marked. */
export function rateInWords(rate) {
  if (rate === null) return element("span", { class: "unset" }, text("reports.noneMarked"));
  return percent(rate);
}

/** Make the bar of a tally. */
export function tallyBar(tally) {
  return dividedBar(kindsIn(tally).map((kind) => ({ kind, count: tally[kind] })));
}

function legend(tally) {
  return element(
    "ul",
    { class: "legend" },
    kindsIn(tally).map((kind) =>
      element("li", {}, swatch(kind), text("reports.countOf", { kind: kindWord(kind), count: number(tally[kind]) })),
    ),
  );
}

/** Make the headline of a tally: its rate, its bar, and what the patterns mean. */
export function distribution(tally) {
  const rate = rateOf(tally);
  return element(
    "section",
    { class: "distribution" },
    element(
      "p",
      {},
      element("strong", {}, rateInWords(rate)),
      rate !== null && ` ${text("reports.rateOf", { present: number(tally.present), count: markedIn(tally) })}`,
    ),
    tallyBar(tally),
    legend(tally),
  );
}

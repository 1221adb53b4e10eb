// Tables of reports: a caption that tells what is counted, and rows under a header each.

import { element } from "../../elements.js";

function cell({ kind, value }, row, attributes = {}) {
  const first = kind === "name";
  return element(first ? "th" : "td", { class: kind, scope: first && "row", ...attributes }, value(row));
}

function line(columns, row, number) {
  return element("tr", {}, columns.map((column) => cell(column, row,
    column.kind === "name" ? { tabindex: -1, "data-row": number } : {})));
}

/**
 * Make a table that scrolls sideways in itself. `columns` are `{ label, kind, value(row) }`, of the kinds `name` (the
 * header of its row), `number`, `bar` and `words`; `total` is a row of its own at the foot.
 */
export function table({ caption, columns, rows, total = null }) {
  // The words of the caption stay in view while the table is scrolled.
  const words = element("span", {}, caption);
  const head = element("tr", {}, columns.map(({ label, kind }) => element("th", { scope: "col", class: kind }, label)));
  return element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    element("table", {},
      element("caption", {}, words),
      element("thead", {}, head),
      element("tbody", {}, rows.map((row, number) => line(columns, row, number))),
      total && element("tfoot", {}, element("tr", {}, columns.map((column) => cell(column, total))))));
}

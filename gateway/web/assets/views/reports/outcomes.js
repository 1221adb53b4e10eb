// The report on what became of lessons: held, or who did not come, and what is to be billed.

import { element } from "../../components.js";
import { day, number, text, wholeMinutes } from "../../localization.js";
import { address } from "../../routes.js";
import { inAddress } from "./date-range.js";
import { table } from "./figures.js";
import { outcomeTiles } from "./outcome-tiles.js";
import { daysIn, report } from "./report.js";
import { totalsOf } from "./totals.js";

const PATH = "/reports/outcomes";
/** What rows can be about; the first by default. */
const GROUPS = ["day", "tutor", "student"];
const COUNTS = ["lessons", "held", "student_no_shows", "tutor_no_shows", "nobody_came", "cancelled", "cannot_know"];
const MINUTES = ["overlap_minutes", "billable_minutes", "tutor_waited_minutes", "student_waited_minutes"];

function groupOf([group = GROUPS[0]]) {
  return group;
}

function nameOf(row) {
  if (row.day !== undefined) return day(row.day);
  return row.tutor_name ?? row.student_name ?? text("common.notKnown");
}

function columns(group) {
  const numbers = (fields, write) =>
    fields.map((field) => ({
      label: text(`reports.outcomes.${field}`),
      type: "number",
      value: (row) => write(row[field]),
    }));
  return [
    { label: text(`reports.outcomes.group.${group}`), type: "name", value: (row) => row.name ?? nameOf(row) },
    ...numbers(COUNTS, number),
    ...numbers(MINUTES, wholeMinutes),
  ];
}

function content({ rows }, { period, parameters }) {
  if (!rows.length) return { summary: text("reports.outcomes.empty", { period }), parts: [] };
  const group = groupOf(parameters);
  const totals = totalsOf([...COUNTS, ...MINUTES], rows);
  const total = rows.length > 1 ? { name: text("reports.total"), ...totals } : null;
  const caption = text("reports.outcomes.caption", { period });
  return {
    summary: text("reports.outcomes.whole", { count: totals.lessons, period }),
    parts: [
      element("div", { class: "tiles" }, outcomeTiles(totals)),
      table({ caption, columns: columns(group), rows, total }),
    ],
  };
}

/** Make links to the same report about something else. */
function variants(parameters, range) {
  const links = GROUPS.map((group) => {
    const path = group === GROUPS[0] ? PATH : `${PATH}/${group}`;
    const link = { href: address(path, inAddress(range)), "aria-current": group === groupOf(parameters) && "true" };
    return element("li", {}, element("a", link, text(`reports.outcomes.by.${group}`)));
  });
  return element("ul", { class: "choices", "aria-label": text("reports.outcomes.grouping") }, links);
}

/** Show the report. */
export const show = report({
  page: "outcomes",
  title: () => text("reports.outcomes.title"),
  scope: () => text("reports.outcomes.scope"),
  source: () => "/api/reports/lesson-outcomes",
  query: (parameters, range) => ({ group_by: groupOf(parameters), ...daysIn(range) }),
  file: (parameters) => `lesson-outcomes-by-${groupOf(parameters)}`,
  rowsOf: ({ outcomes }) => outcomes,
  variants,
  content,
});

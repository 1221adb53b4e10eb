// The report on what became of lessons: held, or who did not come, and what is to be billed.

import { element } from "../../components.js";
import { day, number, text } from "../../localization.js";
import { address } from "../../routes.js";
import { table } from "./figures.js";
import { report } from "./report.js";

const PATH = "/reports/outcomes";
/** What rows can be about; the first by default. */
const GROUPS = ["day", "tutor", "student"];
const COUNTS = ["lessons", "held", "student_no_shows", "tutor_no_shows", "nobody_came", "cancelled", "cannot_know"];
const MINUTES = ["overlap_minutes", "billable_minutes", "tutor_waited_minutes", "student_waited_minutes"];
const TENTHS = 10;

function groupOf([group = GROUPS[0]]) {
  return group;
}

function nameOf(row) {
  if (row.day !== undefined) return day(row.day);
  return row.tutor_name ?? row.student_name ?? text("common.notKnown");
}

/** Return the sum of rows; minutes have one decimal, and sums of them are not to show more. */
function totalOf(rows) {
  const sum = (field) => rows.reduce((all, row) => all + row[field], 0);
  const counts = COUNTS.map((field) => [field, sum(field)]);
  const minutes = MINUTES.map((field) => [field, Math.round(sum(field) * TENTHS) / TENTHS]);
  return { name: text("reports.total"), ...Object.fromEntries([...counts, ...minutes]) };
}

function columns(group) {
  return [
    { label: text(`reports.outcomes.group.${group}`), type: "name", value: (row) => row.name ?? nameOf(row) },
    ...[...COUNTS, ...MINUTES].map((field) => ({
      label: text(`reports.outcomes.${field}`),
      type: "number",
      value: (row) => number(row[field]),
    })),
  ];
}

function content({ rows, isWhole }, { period, parameters }) {
  if (!rows.length) return { summary: text("reports.outcomes.empty", { period }), parts: [] };
  const group = groupOf(parameters);
  const total = rows.length > 1 ? totalOf(rows) : null;
  const count = total?.lessons ?? rows[0].lessons;
  const caption = text("reports.outcomes.caption", { period });
  return {
    summary: text(isWhole ? "reports.outcomes.whole" : "reports.outcomes.part", { count, period }),
    parts: [table({ caption, columns: columns(group), rows, total })],
  };
}

/** Make links to the same report about something else. */
function variants(parameters, range) {
  const links = GROUPS.map((group) => {
    const path = group === GROUPS[0] ? PATH : `${PATH}/${group}`;
    const link = { href: address(path, range), "aria-current": group === groupOf(parameters) && "true" };
    return element("li", {}, element("a", link, text(`reports.outcomes.by.${group}`)));
  });
  return element("ul", { class: "choices", "aria-label": text("reports.outcomes.grouping") }, links);
}

/** Show the report. */
export const show = report({
  page: "outcomes",
  title: () => text("reports.outcomes.title"),
  scope: text("reports.outcomes.scope"),
  source: () => "/api/reports/lesson-outcomes",
  query: (parameters) => ({ group_by: groupOf(parameters) }),
  file: (parameters) => `lesson-outcomes-by-${groupOf(parameters)}`,
  rowsOf: ({ outcomes }) => outcomes,
  variants,
  content,
});

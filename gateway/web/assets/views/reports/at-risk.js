// The students of whom somebody should ask how they are: absences in a row, or fewer lessons attended than before.

import { element } from "../../components.js";
import { day, text } from "../../localization.js";
import { address } from "../../routes.js";
import { inAddress } from "./date-range.js";
import { table } from "./figures.js";
import { report } from "./report.js";
import { reasonsInWords, shareOfLessons } from "./risk.js";

function columns({ limits, range, role }) {
  const { recent_weeks: recent, earlier_weeks: earlier } = limits;
  const studentLink = ({ student_id: id, student_name: name }) =>
    element("a", { href: address(`/reports/students/${id}`, inAddress(range)) }, name);
  const lessonLink = ({ last_session_id: id, last_day: date }) =>
    element("a", { href: address(`/lessons/${id}`) }, day(date));
  return [
    { label: text("common.student"), type: "name", value: studentLink },
    { label: text("reports.risk.why"), type: "text", value: reasonsInWords },
    {
      label: text("reports.risk.recent", { count: recent }),
      type: "number",
      value: (row) => shareOfLessons(row.recent_attended, row.recent_lessons),
    },
    {
      label: text("reports.risk.earlier", { count: earlier }),
      type: "number",
      value: (row) => shareOfLessons(row.earlier_attended, row.earlier_lessons),
    },
    { label: text("reports.risk.last"), type: "number", value: lessonLink },
    ...(role === "tutor" ? [] : [{ label: text("common.tutor"), type: "text", value: (row) => row.tutor_name }]),
  ];
}

function content({ rows, answer: { limits, date_to: last } }, { range, identity }) {
  const values = { day: day(last), weeks: limits.recent_weeks + limits.earlier_weeks, count: rows.length };
  if (!rows.length) return { summary: text("reports.risk.none", values), parts: [] };
  const caption = text("reports.risk.caption", values);
  return {
    summary: text("reports.risk.found", values),
    parts: [table({ caption, columns: columns({ limits, range, role: identity.role }), rows })],
  };
}

/** Show the report. Of the days only the last one matters: it looks at the weeks before it. */
export const show = report({
  page: "atRisk",
  title: () => text("reports.risk.title"),
  scope: () => text("reports.risk.scope"),
  looksBack: true,
  source: () => "/api/reports/students-at-risk",
  query: (_, { to }) => ({ date_to: to }),
  file: () => "students-at-risk",
  rowsOf: ({ students }) => students,
  content,
});

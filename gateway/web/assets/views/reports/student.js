// The report of one student.

import { columnChart } from "../../components/chart-columns.js";
import { NOT_MARKED, sourceLabel, statusBadge } from "../../components/status-badge.js";
import { element } from "../../elements.js";
import { day, number, scheduledTime } from "../../format.js";
import { address } from "../../routes.js";
import { text } from "../../strings/index.js";
import { distribution } from "./distribution.js";
import { shortDay } from "./labels.js";
import { report } from "./report.js";
import { table } from "./table.js";
import { kindOf, tallyOf } from "./tally.js";

/** The scale of minutes is never finer, so that two short stays do not look like long ones. */
const LEAST_TOP_MINUTES = 60;

function sessionLink({ session_id: id, session_date: date, start_time: start }) {
  const when = text("reports.student.when", { day: day(date), time: scheduledTime(start) });
  return element("a", { href: address(`/sessions/${id}`) }, when);
}

function minutes({ active_minutes: active }) {
  if (active === undefined) return element("span", { class: "unset" }, text("reports.student.noWhiteboard"));
  return number(active);
}

function columns() {
  return [
    { label: text("reports.student.session"), kind: "name", value: sessionLink },
    {
      label: text("reports.student.attendance"), kind: "words",
      value: ({ student_attendance_status: status, attendance_source: source }) => statusBadge(status, source),
    },
    { label: text("reports.student.minutes"), kind: "number", value: minutes },
    {
      label: text("reports.student.source"), kind: "words",
      value: ({ attendance_source: source }) => (source === NOT_MARKED ? "" : sourceLabel(source)),
    },
    { label: text("reports.student.notes"), kind: "words notes", value: ({ attendance_notes: notes }) => notes ?? "" },
  ];
}

function columnOf({ active_minutes: active = null, ...row }) {
  return {
    lines: [shortDay(row.session_date), scheduledTime(row.start_time)],
    value: active,
    label: active === null ? "–" : number(Math.floor(active)),
    kind: kindOf(row.student_attendance_status),
  };
}

function minutesChart(rows) {
  const shown = rows.toReversed().map(columnOf);
  const title = text("reports.student.chart");
  const top = Math.max(LEAST_TOP_MINUTES, ...shown.map(({ value }) => value ?? 0));
  return columnChart({ columns: shown, top, title, description: text("reports.seeTable", { title }) });
}

function content({ rows, isWhole }, { period }) {
  if (!rows.length) return { summary: text("reports.empty", { period }), parts: [] };
  return {
    summary: text(isWhole ? "reports.student.whole" : "reports.student.part", { period, count: rows.length }),
    parts: [
      distribution(tallyOf(rows.map(({ student_attendance_status: status }) => status))),
      minutesChart(rows),
      table({ caption: text("reports.student.caption", { period }), columns: columns(), rows }),
    ],
  };
}

/** Show the report of the student whom the address names. */
export const showStudent = report({
  page: "students",
  title: () => text("reports.student.title"),
  scope: text("reports.student.scope"),
  source: ([student]) => `/api/reports/students/${student}/attendance`,
  file: ([student]) => `student-${student}-attendance`,
  rowsOf: ({ sessions }) => sessions,
  heading: ({ student_name: name }) => (name ? text("reports.student.titleOf", { name }) : null),
  content,
});

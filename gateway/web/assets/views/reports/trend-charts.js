// Two charts with a column for each week: how many of the students attended, and the minutes together.

import { columnChart, legend } from "../../charts.js";
import { element } from "../../components.js";
import { number, percent, shortDay, text, wholeMinutes } from "../../localization.js";
import { kindWord, shareInWords, table } from "./figures.js";
import { attendedShareOf, tallyOfWeeks } from "./totals.js";

const WHOLE_PERCENT = 100;
const KINDS = ["present", "late", "absent"];
const ROOM_ABOVE = 1.05;

function attendanceSentence(week, share) {
  const values = {
    day: shortDay(week.first_day),
    share: share === null ? "" : percent(share),
    attended: number(week.attended),
    count: week.marked,
    late: number(week.late),
    excused: number(week.excused),
    unmarked: number(week.unmarked),
  };
  return share === null ? text("reports.trend.noneMarked", values) : text("reports.trend.attended", values);
}

function attendanceColumn(week) {
  const tally = tallyOfWeeks([week]);
  const share = attendedShareOf(tally);
  return {
    name: shortDay(week.first_day),
    label: share === null ? "–" : percent(share),
    parts: share === null ? [] : KINDS.map((kind) => ({ kind, value: (tally[kind] / week.marked) * WHOLE_PERCENT })),
    sentence: attendanceSentence(week, share),
  };
}

function minutesColumn(week) {
  const { overlap_minutes: together, scheduled_minutes: scheduled } = week;
  return {
    name: shortDay(week.first_day),
    label: wholeMinutes(together),
    parts: [
      { kind: "share", value: together },
      { kind: "missing", value: Math.max(0, scheduled - together) },
    ],
    sentence: text("reports.trend.together", {
      day: shortDay(week.first_day),
      together: wholeMinutes(together),
      scheduled: wholeMinutes(scheduled),
      count: week.lessons,
    }),
  };
}

function columns() {
  const count = (field) => ({
    label: text(`reports.trend.columns.${field}`),
    type: "number",
    value: (week) => number(week[field]),
  });
  const minutes = (field) => ({
    label: text(`reports.trend.columns.${field}`),
    type: "number",
    value: (week) => wholeMinutes(week[field]),
  });
  return [
    { label: text("reports.trend.columns.week"), type: "name", value: (week) => shortDay(week.first_day) },
    count("lessons"),
    {
      label: text("reports.trend.columns.share"),
      type: "number",
      value: (week) => shareInWords(attendedShareOf(tallyOfWeeks([week]))),
    },
    ...["attended", "late", "absent", "excused", "unmarked"].map(count),
    ...["overlap_minutes", "scheduled_minutes"].map(minutes),
  ];
}

/** Make both charts of some weeks, newest first as the API returns them, and a table of the same. */
export function trendCharts(weeks, { period }) {
  const shown = weeks.toReversed();
  const most = Math.max(1, ...shown.map((week) => Math.max(week.scheduled_minutes, week.overlap_minutes)));
  const attendance = columnChart({
    title: text("reports.trend.attendance"),
    columns: shown.map(attendanceColumn),
    top: WHOLE_PERCENT,
    more: legend(KINDS.map((kind) => ({ kind, label: kindWord(kind) }))),
  });
  const minutes = columnChart({
    title: text("reports.trend.minutes"),
    columns: shown.map(minutesColumn),
    top: most * ROOM_ABOVE,
    more: legend([
      { kind: "share", label: text("reports.trend.columns.overlap_minutes") },
      { kind: "missing", label: text("reports.trend.missing") },
    ]),
  });
  const caption = text("reports.trend.caption", { period });
  const numbers = element("details", {}, element("summary", {}, text("reports.trend.asTable")));
  numbers.append(table({ caption, columns: columns(), rows: weeks }));
  return [element("div", { class: "pair" }, attendance, minutes), numbers];
}

// The two reports with a row per tutor: attendance rate, and whiteboard engagement.

import { shareBar } from "../../charts.js";
import { element } from "../../components.js";
import { number, percent, text } from "../../localization.js";
import { distribution, kindWord, rateInWords, table, tallyBar } from "./figures.js";
import { report } from "./report.js";
import { kindsIn, rateOf, sumOf, tallyOfTutor, totalOf } from "./totals.js";

/** `all` is the tally over all rows: a column of numbers per kind of status that occurs. */
function rateColumns(all) {
  const counts = kindsIn(all).map((kind) => ({
    label: kindWord(kind),
    type: "number",
    value: ({ tally }) => number(tally[kind]),
  }));
  return [
    { label: text("common.tutor"), type: "name", value: ({ name }) => name },
    { label: text("reports.rates.rate"), type: "number", value: ({ rate }) => rateInWords(rate) },
    { label: text("reports.rates.shares"), type: "bar", value: ({ tally }) => tallyBar(tally) },
    ...counts,
    { label: text("reports.rates.excused"), type: "number", value: ({ excused }) => number(excused) },
    { label: text("reports.rates.sessions"), type: "number", value: ({ tally }) => number(totalOf(tally)) },
  ];
}

function rateRow(row) {
  return { name: row.tutor_name, tally: tallyOfTutor(row), rate: row.attendance_rate ?? null, excused: row.excused };
}

function rateContent({ rows, isWhole }, { period }) {
  const shown = rows.map(rateRow);
  const all = sumOf(shown.map(({ tally }) => tally));
  if (!shown.length) return { summary: text("reports.empty", { period }), parts: [] };
  const excused = shown.reduce((sum, row) => sum + row.excused, 0);
  const total = shown.length > 1 ? { name: text("reports.total"), tally: all, rate: rateOf(all), excused } : null;
  return {
    summary: text(isWhole ? "reports.rates.whole" : "reports.rates.part", { period, count: shown.length }),
    parts: [
      distribution(all),
      table({ caption: text("reports.rates.caption", { period }), columns: rateColumns(all), rows: shown, total }),
    ],
  };
}

/** Show the attendance rate per tutor. */
export const showRates = report({
  page: "rates",
  title: ({ role }) => text(role === "tutor" ? "reports.rates.ownTitle" : "reports.rates.title"),
  scope: text("reports.rates.scope"),
  source: () => "/api/reports/tutor-attendance",
  file: () => "tutor-attendance",
  rowsOf: ({ tutors }) => tutors,
  content: rateContent,
});

function engagementInWords(share) {
  return share === null ? element("span", { class: "unset" }, text("common.notKnown")) : percent(share);
}

function engagementColumns() {
  return [
    { label: text("common.tutor"), type: "name", value: ({ name }) => name },
    { label: text("reports.engagement.share"), type: "number", value: ({ share }) => engagementInWords(share) },
    { label: text("reports.engagement.scale"), type: "bar", value: ({ share }) => shareBar(share) },
    { label: text("reports.engagement.students"), type: "number", value: ({ students }) => number(students) },
    { label: text("reports.engagement.tutor"), type: "number", value: ({ tutor }) => number(tutor) },
    { label: text("reports.engagement.sessions"), type: "number", value: ({ sessions }) => number(sessions) },
  ];
}

function engagementRow(row) {
  return {
    name: row.tutor_name,
    share: row.avg_student_engagement_pct ?? null,
    students: row.avg_student_active_minutes,
    tutor: row.avg_tutor_active_minutes,
    sessions: row.whiteboard_sessions,
  };
}

function engagementContent({ rows, isWhole }, { period }) {
  if (!rows.length) return { summary: text("reports.empty", { period }), parts: [] };
  const caption = text("reports.engagement.caption", { period });
  // Averages are not averaged again: only sessions are added up.
  const sessions = rows.reduce((sum, { whiteboard_sessions: count }) => sum + count, 0);
  return {
    summary: text(isWhole ? "reports.engagement.whole" : "reports.engagement.part", {
      period,
      count: rows.length,
      sessions: number(sessions),
    }),
    parts: [table({ caption, columns: engagementColumns(), rows: rows.map(engagementRow) })],
  };
}

/** Show the whiteboard engagement per tutor. */
export const showEngagement = report({
  page: "engagement",
  title: ({ role }) => text(role === "tutor" ? "reports.engagement.ownTitle" : "reports.engagement.title"),
  scope: text("reports.engagement.scope"),
  source: () => "/api/reports/whiteboard-engagement",
  file: () => "whiteboard-engagement",
  rowsOf: ({ tutors }) => tutors,
  content: engagementContent,
});

// Attendance rate per tutor.

import { number } from "../../format.js";
import { text } from "../../strings/index.js";
import { distribution, kindWord, rateInWords, tallyBar } from "./distribution.js";
import { report } from "./report.js";
import { table } from "./table.js";
import { kindsIn, rateOf, sumOf, tallyOfTutor, totalOf } from "./tally.js";

function columnsFor(all) {
  const counts = kindsIn(all).map((kind) => ({
    label: kindWord(kind), kind: "number", value: ({ tally }) => number(tally[kind]),
  }));
  return [
    { label: text("common.tutor"), kind: "name", value: ({ name }) => name },
    { label: text("reports.rates.rate"), kind: "number", value: ({ rate }) => rateInWords(rate) },
    { label: text("reports.rates.shares"), kind: "bar", value: ({ tally }) => tallyBar(tally) },
    ...counts,
    { label: text("reports.rates.sessions"), kind: "number", value: ({ tally }) => number(totalOf(tally)) },
  ];
}

function rowOf(row) {
  return { name: row.tutor_name, tally: tallyOfTutor(row), rate: row.attendance_rate ?? null };
}

function content({ rows, isWhole }, { period }) {
  const shown = rows.map(rowOf);
  const all = sumOf(shown.map(({ tally }) => tally));
  if (!shown.length) return { summary: text("reports.empty", { period }), parts: [] };
  const total = shown.length > 1 ? { name: text("reports.total"), tally: all, rate: rateOf(all) } : null;
  return {
    summary: text(isWhole ? "reports.rates.whole" : "reports.rates.part", { period, count: shown.length }),
    parts: [
      distribution(all),
      table({ caption: text("reports.rates.caption", { period }), columns: columnsFor(all), rows: shown, total }),
    ],
  };
}

export const show = report({
  page: "rates",
  title: ({ role }) => text(role === "tutor" ? "reports.rates.ownTitle" : "reports.rates.title"),
  scope: text("reports.rates.scope"),
  source: () => "/api/reports/tutor-attendance",
  file: () => "tutor-attendance",
  rowsOf: ({ tutors }) => tutors,
  content,
});

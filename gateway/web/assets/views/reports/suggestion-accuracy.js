// The report on suggestion accuracy: how often people agreed with the suggestion that they were shown.

import { columnChart, shareBar } from "../../charts.js";
import { element } from "../../components.js";
import { hasText, month, monthLines, number, percent, text } from "../../localization.js";
import { table } from "./figures.js";
import { report } from "./report.js";
import { groupedBy, shareOf } from "./totals.js";

/** What the rules are meant to reach, by the guide's success criteria. */
const GOAL_PERCENT = 90;
const TOP_PERCENT = 100;
const SUREST_FIRST = ["high", "medium", "low"];

function reasonInWords(reason) {
  return hasText(`reports.reasons.${reason}`) ? text(`reports.reasons.${reason}`) : reason;
}

function section(title, { label, period, groups, inWords }) {
  const columns = [
    { label, type: "name", value: ({ name }) => inWords(name) },
    { label: text("reports.accuracy.share"), type: "number", value: (group) => percent(shareOf(group)) },
    {
      label: text("reports.accuracy.scale", { goal: GOAL_PERCENT }),
      type: "bar",
      value: (group) => shareBar(shareOf(group), { goal: GOAL_PERCENT }),
    },
    { label: text("reports.accuracy.agreed"), type: "number", value: ({ agreed }) => number(agreed) },
    { label: text("reports.accuracy.decided"), type: "number", value: ({ decided }) => number(decided) },
  ];
  const caption = text("reports.accuracy.caption", { title, period });
  return [element("h2", {}, title), table({ caption, columns, rows: groups })];
}

function overall({ agreement_percentage: share, agreed, decided }) {
  const outcome = text("reports.accuracy.overall", { agreed: number(agreed), count: decided });
  const verdict = text(share >= GOAL_PERCENT ? "reports.accuracy.reached" : "reports.accuracy.missed", {
    goal: GOAL_PERCENT,
  });
  return element(
    "section",
    { class: "distribution" },
    element("p", {}, element("strong", {}, percent(share)), ` ${outcome} ${verdict}`),
    shareBar(share, { goal: GOAL_PERCENT }),
  );
}

function monthChart(groups) {
  const columns = groups.toReversed().map((group) => ({
    lines: monthLines(group.name),
    value: shareOf(group),
    label: percent(shareOf(group)),
    kind: "share",
  }));
  const title = text("reports.accuracy.chart");
  const goal = { value: GOAL_PERCENT, label: text("reports.accuracy.goal", { goal: GOAL_PERCENT }) };
  return columnChart({ columns, top: TOP_PERCENT, goal, title, description: text("reports.seeTable", { title }) });
}

function content({ rows, answer }, { period }) {
  if (!answer.decided) return { summary: text("reports.accuracy.empty", { period }), parts: [] };
  const months = groupedBy("month", rows);
  const confidences = groupedBy("confidence", rows).sort(
    (one, other) => SUREST_FIRST.indexOf(one.name) - SUREST_FIRST.indexOf(other.name),
  );
  const reasons = groupedBy("reason", rows).sort((one, other) => other.decided - one.decided);
  return {
    summary: text("reports.accuracy.summary", { period, count: answer.decided }),
    parts: [
      overall(answer),
      ...section(text("reports.accuracy.byConfidence"), {
        label: text("reports.accuracy.confidence"),
        period,
        groups: confidences,
        inWords: (name) => text(`common.confidence.${name}`),
      }),
      ...section(text("reports.accuracy.byReason"), {
        label: text("reports.accuracy.reason"),
        period,
        groups: reasons,
        inWords: reasonInWords,
      }),
      ...section(text("reports.accuracy.byMonth"), {
        label: text("reports.accuracy.month"),
        period,
        groups: months,
        inWords: month,
      }),
      monthChart(months),
    ],
  };
}

/** Show the report. */
export const show = report({
  page: "accuracy",
  title: () => text("reports.accuracy.title"),
  scope: text("reports.accuracy.scope", { goal: GOAL_PERCENT }),
  source: () => "/api/reports/suggestion-accuracy",
  file: () => "suggestion-accuracy",
  rowsOf: ({ agreements }) => agreements,
  content,
});

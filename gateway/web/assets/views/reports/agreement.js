// How often people agreed with the suggestion that they were shown.

import { columnChart, shareBar } from "../../charts.js";
import { hasText, number, percent, text } from "../../localization.js";
import { gregorianMonth, shortGregorianMonth } from "../../months.js";
import { table, tile } from "./figures.js";
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
    { label: text("reports.agreement.share"), type: "number", value: (group) => percent(shareOf(group)) },
    {
      label: text("reports.agreement.scale", { goal: GOAL_PERCENT }),
      type: "bar-cell",
      value: (group) => shareBar(shareOf(group), { goal: GOAL_PERCENT }),
    },
    { label: text("reports.agreement.agreed"), type: "number", value: ({ agreed }) => number(agreed) },
    { label: text("reports.agreement.decided"), type: "number", value: ({ decided }) => number(decided) },
  ];
  return table({ caption: text("reports.agreement.caption", { title, period }), columns, rows: groups });
}

function overall({ agreement_percentage: share, agreed, decided }) {
  const verdict = text(share >= GOAL_PERCENT ? "reports.agreement.reached" : "reports.agreement.missed", {
    goal: GOAL_PERCENT,
  });
  return tile(
    text("reports.agreement.total"),
    percent(share),
    `${text("reports.agreement.overall", { agreed: number(agreed), count: decided })} ${verdict}`,
    shareBar(share, { goal: GOAL_PERCENT }),
  );
}

function monthChart(groups) {
  const columns = groups.toReversed().map((group) => ({
    name: shortGregorianMonth(group.name),
    label: percent(Math.floor(shareOf(group))),
    parts: [{ kind: "share", value: shareOf(group) }],
    sentence: text("reports.agreement.inChart", {
      ...{ month: gregorianMonth(group.name), share: percent(shareOf(group)) },
      ...{ agreed: number(group.agreed), count: group.decided },
    }),
  }));
  const title = text("reports.agreement.chart", { goal: GOAL_PERCENT });
  return columnChart({ title, columns, top: TOP_PERCENT, goal: GOAL_PERCENT });
}

function content({ rows, answer }, { period }) {
  if (!answer.decided) return { summary: text("reports.agreement.empty", { period }), parts: [] };
  const months = groupedBy("month", rows);
  const confidences = groupedBy("confidence", rows).sort(
    (one, other) => SUREST_FIRST.indexOf(one.name) - SUREST_FIRST.indexOf(other.name),
  );
  const reasons = groupedBy("reason", rows).sort((one, other) => other.decided - one.decided);
  return {
    summary: text("reports.agreement.summary", { period, count: answer.decided }),
    parts: [
      overall(answer),
      ...(months.length > 1 ? [monthChart(months)] : []),
      section(text("reports.agreement.byConfidence"), {
        label: text("reports.agreement.confidence"),
        period,
        groups: confidences,
        inWords: (name) => text(`common.confidence.${name}`),
      }),
      section(text("reports.agreement.byReason"), {
        label: text("reports.agreement.reason"),
        period,
        groups: reasons,
        inWords: reasonInWords,
      }),
      section(text("reports.agreement.byMonth"), {
        label: text("reports.agreement.month"),
        period,
        groups: months,
        inWords: gregorianMonth,
      }),
    ],
  };
}

/** Show the report. */
export const show = report({
  page: "agreement",
  title: () => text("reports.agreement.title"),
  scope: () => text("reports.agreement.scope", { goal: GOAL_PERCENT }),
  source: () => "/api/reports/suggestion-accuracy",
  file: () => "suggestion-accuracy",
  pageSize: null,
  rowsOf: ({ agreements }) => agreements,
  content,
});

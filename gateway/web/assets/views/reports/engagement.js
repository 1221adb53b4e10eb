// Whiteboard engagement per tutor. Its averages are never averaged: the summary adds up sessions alone.

import { shareBar } from "../../components/chart-bar.js";
import { element } from "../../elements.js";
import { number } from "../../format.js";
import { text } from "../../strings/index.js";
import { percent } from "./labels.js";
import { report } from "./report.js";
import { table } from "./table.js";

function engagementInWords(share) {
  return share === null ? element("span", { class: "unset" }, text("common.notKnown")) : percent(share);
}

function columns() {
  return [
    { label: text("common.tutor"), kind: "name", value: ({ name }) => name },
    { label: text("reports.engagement.share"), kind: "number", value: ({ share }) => engagementInWords(share) },
    { label: text("reports.engagement.scale"), kind: "bar", value: ({ share }) => shareBar(share) },
    { label: text("reports.engagement.students"), kind: "number", value: ({ students }) => number(students) },
    { label: text("reports.engagement.tutor"), kind: "number", value: ({ tutor }) => number(tutor) },
    { label: text("reports.engagement.sessions"), kind: "number", value: ({ sessions }) => number(sessions) },
  ];
}

function rowOf(row) {
  return {
    name: row.tutor_name,
    share: row.avg_student_engagement_pct ?? null,
    students: row.avg_student_active_minutes,
    tutor: row.avg_tutor_active_minutes,
    sessions: row.whiteboard_sessions,
  };
}

function content({ rows, isWhole }, { period }) {
  if (!rows.length) return { summary: text("reports.empty", { period }), parts: [] };
  const caption = text("reports.engagement.caption", { period });
  const sessions = rows.reduce((sum, { whiteboard_sessions: count }) => sum + count, 0);
  return {
    summary: text(isWhole ? "reports.engagement.whole" : "reports.engagement.part",
      { period, count: rows.length, sessions: number(sessions) }),
    parts: [table({ caption, columns: columns(), rows: rows.map(rowOf) })],
  };
}

export const show = report({
  page: "engagement",
  title: ({ role }) => text(role === "tutor" ? "reports.engagement.ownTitle" : "reports.engagement.title"),
  scope: text("reports.engagement.scope"),
  source: () => "/api/reports/whiteboard-engagement",
  file: () => "whiteboard-engagement",
  rowsOf: ({ tutors }) => tutors,
  content,
});

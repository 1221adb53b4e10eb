// The two reports with a row per tutor: attendance, and how long people were at the whiteboard.

import { shareBar } from "../../charts.js";
import { element } from "../../components.js";
import { number, percent, text, wholeMinutes } from "../../localization.js";
import { address } from "../../routes.js";
import { inAddress } from "./date-range.js";
import { distribution, kindWord, shareInWords, table, tallyBar } from "./figures.js";
import { report } from "./report.js";
import { attendedShareOf, kindsIn, onTimeShareOf, sumOf, tallyOfTutor, totalOf } from "./totals.js";

const PATHS = { attendance: "/reports/tutors", whiteboard: "/reports/tutors/whiteboard" };

function isOfWhiteboard(parameters) {
  return parameters.some(Boolean);
}

/** Make links to both reports. */
function variants(parameters, range) {
  const current = isOfWhiteboard(parameters) ? "whiteboard" : "attendance";
  const links = Object.entries(PATHS).map(([variant, path]) => {
    const link = { href: address(path, inAddress(range)), "aria-current": variant === current && "true" };
    return element("li", {}, element("a", link, text(`reports.tutors.variants.${variant}`)));
  });
  return element("ul", { class: "choices", "aria-label": text("reports.tutors.variants.label") }, links);
}

/** `all` is the tally over all rows: a column of numbers per kind of status that occurs. */
function rateColumns(all) {
  const counts = kindsIn(all).map((kind) => ({
    label: kindWord(kind),
    type: "number",
    value: ({ tally }) => number(tally[kind]),
  }));
  return [
    { label: text("common.tutor"), type: "name", value: ({ name }) => name },
    {
      label: text("reports.tutors.attended"),
      type: "number",
      value: ({ tally }) => shareInWords(attendedShareOf(tally)),
    },
    { label: text("reports.tutors.shares"), type: "bar-cell", value: ({ tally }) => tallyBar(tally) },
    ...counts,
    { label: text("reports.tutors.excused"), type: "number", value: ({ excused }) => number(excused) },
    { label: text("reports.tutors.lessons"), type: "number", value: ({ tally }) => number(totalOf(tally)) },
    { label: text("reports.tutors.onTime"), type: "number", value: ({ tally }) => shareInWords(onTimeShareOf(tally)) },
  ];
}

function rateRow(row) {
  return { name: row.tutor_name, tally: tallyOfTutor(row), excused: row.excused };
}

function rateContent({ rows }, { period }) {
  const shown = rows.map(rateRow);
  const all = sumOf(shown.map(({ tally }) => tally));
  if (!shown.length) return { summary: text("reports.empty", { period }), parts: [] };
  const excused = shown.reduce((sum, row) => sum + row.excused, 0);
  const total = shown.length > 1 ? { name: text("reports.total"), tally: all, excused } : null;
  const caption = text("reports.tutors.caption", { period });
  return {
    summary: text("reports.tutors.whole", { period, count: shown.length }),
    parts: [
      distribution(all, { label: text("reports.tutors.ofAll"), excused }),
      table({ caption, columns: rateColumns(all), rows: shown, total }),
    ],
  };
}

const showRates = report({
  page: "tutors",
  title: ({ role }) => text(role === "tutor" ? "reports.tutors.ownTitle" : "reports.tutors.title"),
  scope: () => text("reports.tutors.scope"),
  source: () => "/api/reports/tutor-attendance",
  file: () => "tutor-attendance",
  rowsOf: ({ tutors }) => tutors,
  variants,
  content: rateContent,
});

function shareOrNothing(share) {
  return share === null ? element("span", { class: "unset" }, text("common.notKnown")) : percent(Math.round(share));
}

function whiteboardColumns() {
  return [
    { label: text("common.tutor"), type: "name", value: ({ name }) => name },
    { label: text("reports.whiteboard.share"), type: "number", value: ({ share }) => shareOrNothing(share) },
    { label: text("reports.whiteboard.scale"), type: "bar-cell", value: ({ share }) => shareBar(share) },
    { label: text("reports.whiteboard.students"), type: "number", value: ({ students }) => wholeMinutes(students) },
    { label: text("reports.whiteboard.tutor"), type: "number", value: ({ tutor }) => wholeMinutes(tutor) },
    { label: text("reports.whiteboard.lessons"), type: "number", value: ({ lessons }) => number(lessons) },
  ];
}

function whiteboardRow(row) {
  return {
    name: row.tutor_name,
    share: row.avg_student_engagement_pct ?? null,
    students: row.avg_student_active_minutes,
    tutor: row.avg_tutor_active_minutes,
    lessons: row.whiteboard_sessions,
  };
}

function whiteboardContent({ rows }, { period }) {
  if (!rows.length) return { summary: text("reports.empty", { period }), parts: [] };
  const caption = text("reports.whiteboard.caption", { period });
  // Averages are not averaged again: only lessons are added up.
  const lessons = rows.reduce((sum, { whiteboard_sessions: count }) => sum + count, 0);
  return {
    summary: text("reports.whiteboard.whole", { period, count: rows.length, lessons: number(lessons) }),
    parts: [table({ caption, columns: whiteboardColumns(), rows: rows.map(whiteboardRow) })],
  };
}

const showWhiteboard = report({
  page: "tutors",
  title: ({ role }) => text(role === "tutor" ? "reports.whiteboard.ownTitle" : "reports.whiteboard.title"),
  scope: () => text("reports.whiteboard.scope"),
  source: () => "/api/reports/whiteboard-engagement",
  file: () => "whiteboard-presence",
  rowsOf: ({ tutors }) => tutors,
  variants,
  content: whiteboardContent,
});

let shown = null;

/** Show one of the two reports. */
export function show(visit) {
  const which = isOfWhiteboard(visit.parameters) ? showWhiteboard : showRates;
  const again = visit.again && which === shown;
  const isOther = visit.again && !again;
  shown = which;
  const showing = which({ ...visit, again });
  // The link that had the focus is gone.
  if (isOther) visit.main.querySelector(".variants [aria-current]")?.focus();
  return showing;
}

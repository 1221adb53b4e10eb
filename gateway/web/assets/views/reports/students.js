// The report of one student, and the choice of a student by name.

import { call } from "../../api.js";
import { columnChart, legend } from "../../charts.js";
import { element, face, NOT_MARKED, sourceLabel, statusChip } from "../../components.js";
import {
  day,
  duration,
  minutes,
  scheduledRange,
  scheduledTime,
  shortDay,
  text,
  wholeMinutes,
} from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { address } from "../../routes.js";
import { inAddress, rangeOf } from "./date-range.js";
import { distribution, kindWord, table, tile } from "./figures.js";
import { reportNavigation } from "./frame.js";
import { report } from "./report.js";
import { pagedSection } from "./section.js";
import { kindOf, tallyOf } from "./totals.js";

/** The scale never ends below this, so that short stays do not look like long ones. */
const MIN_TOP_MINUTES = 60;
/** As many lessons fit into a chart that one can read; the table has all. */
const MAX_COLUMNS = 40;

function lessonLink({ session_id: id, session_date: date, start_time: start, end_time: end }) {
  const time = end ? scheduledRange(start, end) : scheduledTime(start);
  const when = text("reports.student.when", { day: day(date), time });
  return element("a", { href: address(`/lessons/${id}`) }, when);
}

function minutesInWords({ active_minutes: active }) {
  if (active === undefined) return element("span", { class: "unset" }, text("reports.student.noWhiteboard"));
  return wholeMinutes(active);
}

function attendanceOf({
  student_attendance_status: status,
  attendance_source: source,
  excused,
  excuse_reason: reason,
}) {
  if (!excused) return statusChip(status, source);
  const excuse = reason ? text("common.excusedBecause", { reason }) : text("common.excused");
  return element("span", {}, statusChip(status, source), " ", element("span", { class: "quiet" }, excuse));
}

function notesOf({ attendance_notes: ofLesson, note }) {
  return [ofLesson, note].filter(Boolean).join("\n");
}

function lessonColumns() {
  return [
    { label: text("reports.student.lesson"), type: "name", value: lessonLink },
    { label: text("reports.student.course"), type: "text", value: (row) => row.course_name },
    { label: text("common.tutor"), type: "text", value: (row) => row.tutor_name },
    { label: text("reports.student.attendance"), type: "text", value: attendanceOf },
    { label: text("reports.student.minutes"), type: "number", value: minutesInWords },
    {
      label: text("reports.student.source"),
      type: "text",
      value: ({ attendance_source: source }) => (source === NOT_MARKED ? "" : sourceLabel(source)),
    },
    { label: text("reports.student.notes"), type: "text notes", value: notesOf },
  ];
}

function chartColumn({ active_minutes: active = null, student_attendance_status: status, ...row }) {
  const when = text("reports.student.when", { day: day(row.session_date), time: scheduledTime(row.start_time) });
  const kind = kindOf(status);
  return {
    name: shortDay(row.session_date),
    label: active === null ? "–" : wholeMinutes(active),
    parts: active === null ? [] : [{ kind, value: active }],
    sentence: text(active === null ? "reports.student.inChartWithout" : "reports.student.inChart", {
      ...{ when, course: row.course_name, status: kindWord(kind) },
      minutes: active === null ? "" : minutes(active),
    }),
  };
}

function minutesChart(rows) {
  const shown = rows.slice(0, MAX_COLUMNS).toReversed();
  const kinds = [...new Set(shown.map((row) => kindOf(row.student_attendance_status)))];
  const title = text(rows.length > MAX_COLUMNS ? "reports.student.chartOfLatest" : "reports.student.chart", {
    count: shown.length,
  });
  return columnChart({
    title,
    columns: shown.map(chartColumn),
    top: Math.max(MIN_TOP_MINUTES, ...shown.map((row) => row.active_minutes ?? 0)),
    more: legend(kinds.map((kind) => ({ kind, label: kindWord(kind) }))),
  });
}

function tiles(rows) {
  const tally = tallyOf(rows.map(({ student_attendance_status: status }) => status));
  const excused = rows.filter((row) => row.excused).length;
  const together = rows.reduce((sum, row) => sum + (row.active_minutes ?? 0), 0);
  return element(
    "div",
    { class: "tiles" },
    distribution(tally, { label: text("reports.student.attended"), excused }),
    tile(
      text("reports.student.time"),
      duration(together),
      text("reports.student.timeOf", { count: rows.filter((row) => row.active_minutes !== undefined).length }),
    ),
  );
}

function studentContent({ rows }, { period }) {
  if (!rows.length) return { summary: text("reports.empty", { period }), parts: [] };
  return {
    summary: text("reports.student.whole", { period, count: rows.length }),
    parts: [
      tiles(rows),
      minutesChart(rows),
      table({ caption: text("reports.student.caption", { period }), columns: lessonColumns(), rows }),
    ],
  };
}

const showStudent = report({
  page: "students",
  title: () => text("reports.student.title"),
  scope: () => text("reports.student.scope"),
  source: ([student]) => `/api/reports/students/${student}/attendance`,
  file: ([student]) => `student-${student}-attendance`,
  rowsOf: ({ sessions }) => sessions,
  heading: ({ student_name: name }) => (name ? text("reports.student.titleOf", { name }) : null),
  content: studentContent,
});

const PATH = "/reports/students";
/** What the API takes (docs/api.md). */
const MAX_SEARCH_CHARACTERS = 100;

let choice = null;
/** The days that the address names; searches and links keep them. */
let range = null;

function choiceFrame({ main, identity }) {
  const navigation = reportNavigation(identity.role, "students");
  const input = element("input", { type: "search", id: "student-search", maxlength: MAX_SEARCH_CHARACTERS });
  function search(event) {
    event.preventDefault();
    location.hash = address(PATH, { search: input.value.trim(), ...inAddress(range) });
  }
  const form = element(
    "form",
    { class: "range", role: "search", onsubmit: search },
    element("div", {}, element("label", { for: input.id }, text("reports.choice.search")), input),
    element("button", {}, text("reports.choice.find")),
  );
  const list = pagedSection();
  const heading = element("h1", { tabindex: -1 }, text("reports.choice.title"));
  main.replaceChildren(element("div", { class: "report" }, navigation.element, heading, form, list.element));
  return { navigation, input, list };
}

function studentLink({ student_id: id, name }, number) {
  const link = { href: address(`${PATH}/${id}`, inAddress(range)), "data-row": number };
  return element("li", {}, element("a", link, face(name), name));
}

/** Show the students whom the address searches for; all without a search. */
function showChoice(visit) {
  const { query, signal, notice, again } = visit;
  range = rangeOf(query);
  const search = query.get("search") ?? "";
  function content({ rows }) {
    const empty = search ? text("reports.choice.nobodyFound", { search }) : text("reports.choice.nobody");
    return {
      summary: rows.length ? text("reports.choice.summary", { count: rows.length }) : empty,
      parts: [element("ul", { class: "students" }, rows.map(studentLink))],
    };
  }
  if (!again) choice = choiceFrame(visit);
  choice.navigation.show(range);
  choice.input.value = search;
  const pages = new PagedList({
    readPage: (pageToken) => call("/api/students", { query: { search, page_token: pageToken }, signal }),
    rowsOf: ({ students }) => students,
  });
  return choice.list.load({ pages, content, signal, notice });
}

let shown = null;

/** Show the report of the student whom the address names; without one, the students to choose from. */
export function show(visit) {
  const [student = null] = visit.parameters;
  const again = visit.again && student === shown;
  const isOther = visit.again && !again;
  shown = student;
  const showing = student ? showStudent({ ...visit, again }) : showChoice({ ...visit, again });
  // The link that had the focus is removed, and the application focuses only new views.
  if (isOther) visit.main.querySelector("h1").focus();
  return showing;
}

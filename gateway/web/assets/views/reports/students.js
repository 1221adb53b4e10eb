// The report of one student, and the choice of a student by name.

import { call } from "../../api.js";
import { columnChart } from "../../charts.js";
import { element, NOT_MARKED, sourceLabel, statusChip } from "../../components.js";
import { day, number, scheduledTime, shortDay, text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { address } from "../../routes.js";
import { rangeOf } from "./date-range.js";
import { distribution, table } from "./figures.js";
import { pagedSection, report, reportNavigation } from "./report.js";
import { kindOf, tallyOf } from "./totals.js";

/** The scale never ends below this, so that short stays do not look like long ones. */
const MIN_TOP_MINUTES = 60;

function sessionLink({ session_id: id, session_date: date, start_time: start }) {
  const when = text("reports.student.when", { day: day(date), time: scheduledTime(start) });
  return element("a", { href: address(`/sessions/${id}`) }, when);
}

function minutesInWords({ active_minutes: active }) {
  if (active === undefined) return element("span", { class: "unset" }, text("reports.student.noWhiteboard"));
  return number(active);
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

function notesOf({ attendance_notes: ofSession, note }) {
  return [ofSession, note].filter(Boolean).join("\n");
}

function sessionColumns() {
  return [
    { label: text("reports.student.session"), type: "name", value: sessionLink },
    {
      label: text("reports.student.attendance"),
      type: "text",
      value: attendanceOf,
    },
    { label: text("reports.student.minutes"), type: "number", value: minutesInWords },
    {
      label: text("reports.student.source"),
      type: "text",
      value: ({ attendance_source: source }) => (source === NOT_MARKED ? "" : sourceLabel(source)),
    },
    { label: text("reports.student.notes"), type: "text notes", value: notesOf },
  ];
}

function chartColumn({ active_minutes: active = null, ...row }) {
  return {
    lines: [shortDay(row.session_date), scheduledTime(row.start_time)],
    value: active,
    label: active === null ? "–" : number(Math.floor(active)),
    kind: kindOf(row.student_attendance_status),
  };
}

function minutesChart(rows) {
  const shown = rows.toReversed().map(chartColumn);
  const title = text("reports.student.chart");
  const top = Math.max(MIN_TOP_MINUTES, ...shown.map(({ value }) => value ?? 0));
  return columnChart({ columns: shown, top, title, description: text("reports.seeTable", { title }) });
}

function studentContent({ rows, isWhole }, { period }) {
  if (!rows.length) return { summary: text("reports.empty", { period }), parts: [] };
  return {
    summary: text(isWhole ? "reports.student.whole" : "reports.student.part", { period, count: rows.length }),
    parts: [
      distribution(tallyOf(rows.map(({ student_attendance_status: status }) => status))),
      minutesChart(rows),
      table({ caption: text("reports.student.caption", { period }), columns: sessionColumns(), rows }),
    ],
  };
}

const showStudent = report({
  page: "students",
  title: () => text("reports.student.title"),
  scope: text("reports.student.scope"),
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
    location.hash = address(PATH, { search: input.value.trim(), ...range });
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
  return element("li", {}, element("a", { href: address(`${PATH}/${id}`, range), "data-row": number }, name));
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

// The summary of a range of days: how many lessons were held, who attended, the weeks up to its end, and who is at risk.

import { element, face } from "../../components.js";
import { day, duration, number, text } from "../../localization.js";
import { address } from "../../routes.js";
import { inAddress, rangeInWords, rangeOf, weeksBefore } from "./date-range.js";
import { distribution, tile } from "./figures.js";
import { reportFrame, skeleton } from "./frame.js";
import { billableTile, heldTile } from "./outcome-tiles.js";
import { daysIn, readAll } from "./report.js";
import { reasonsInWords } from "./risk.js";
import { tallyOfWeeks, totalsOf } from "./totals.js";
import { trendCharts } from "./trend-charts.js";

const PATH = "/reports";
/** The trend has at least so many weeks, also of a shorter range, and at most so many of a longer one. */
const MIN_WEEKS = 12;
const MAX_WEEKS = 53;
/** Others are behind a link. */
const MAX_AT_RISK = 5;
const OUTCOMES = [
  ...["lessons", "held", "student_no_shows", "tutor_no_shows", "nobody_came", "cancelled", "cannot_know"],
  "billable_minutes",
];
const WEEKS = ["excused", "overlap_minutes", "scheduled_minutes", "lessons"];

let frame = null;
let place = null;
/** What is read: the status, and the rows at `place`. */
let reading = null;
let status = null;
let now = null;

async function rowsOf(path, query, field, signal) {
  const list = readAll(`/api/reports/${path}`, { query, signal, rowsOf: (answer) => answer[field] });
  await list.next(signal);
  return list.rows;
}

/** The first day of the trend: that of the range, or earlier. */
function trendBegins({ from, to }) {
  if (!from || !to) return from;
  const least = weeksBefore(to, MIN_WEEKS);
  return [from, least].toSorted()[0];
}

function read({ from, to }, signal) {
  const days = daysIn({ from, to });
  return Promise.all([
    rowsOf("lesson-outcomes", { group_by: "day", ...days }, "outcomes", signal),
    rowsOf("attendance-trend", days, "weeks", signal),
    rowsOf("attendance-trend", daysIn({ from: trendBegins({ from, to }), to }), "weeks", signal),
    rowsOf("students-at-risk", { date_to: to }, "students", signal),
  ]);
}

function togetherTile({ overlap_minutes: together, scheduled_minutes: scheduled }) {
  const of = text("reports.summary.ofScheduled", { scheduled: duration(scheduled) });
  return tile(text("reports.outcomes.together"), duration(together), of);
}

function studentLine(row, range, role) {
  const link = element(
    "a",
    { href: address(`/reports/students/${row.student_id}`, inAddress(range)) },
    row.student_name,
  );
  const who = element("div", { class: "who-and-why" }, link, element("p", {}, reasonsInWords(row)));
  const last = text("reports.risk.lastOn", { day: day(row.last_day) });
  const taught =
    role === "tutor" ? last : text("reports.risk.lastWith", { day: day(row.last_day), tutor: row.tutor_name });
  return element("li", {}, face(row.student_name), who, element("p", {}, taught));
}

function riskPanel(students, range, role) {
  const title = element("h2", {}, text("reports.risk.title"));
  const all = address("/reports/at-risk", inAddress(range));
  if (!students.length)
    return element("section", { class: "panel" }, title, element("p", {}, text("reports.risk.nobody")));
  const shown = students.slice(0, MAX_AT_RISK);
  return element(
    "section",
    { class: "panel" },
    title,
    element(
      "ul",
      { class: "people" },
      shown.map((row) => studentLine(row, range, role)),
    ),
    element("p", {}, element("a", { href: all }, text("reports.risk.all", { count: students.length }))),
  );
}

function parts([outcomes, weeks, trend, students], { range, identity }) {
  const totals = totalsOf(OUTCOMES, outcomes);
  const sums = totalsOf(WEEKS, weeks);
  const tiles = [
    heldTile(totals),
    distribution(tallyOfWeeks(weeks), { label: text("reports.summary.attended"), excused: sums.excused }),
    togetherTile(sums),
    billableTile(totals),
  ];
  const charts = trend.length ? trendCharts(trend.slice(0, MAX_WEEKS), { period: rangeInWords(range) }) : [];
  return [element("div", { class: "tiles" }, tiles), ...charts, riskPanel(students, range, identity.role)];
}

async function load() {
  const { range, visit } = now;
  const { signal, notice } = visit;
  if (!place.hasChildNodes()) place.replaceChildren(skeleton());
  reading.ariaBusy = "true";
  try {
    const answers = await read(range, signal);
    const [outcomes, weeks] = answers;
    const lessons = Math.max(totalsOf(["lessons"], weeks).lessons, totalsOf(["lessons"], outcomes).lessons);
    status.textContent = lessons
      ? text("reports.summary.whole", { count: lessons, period: rangeInWords(range), number: number(lessons) })
      : text("reports.empty", { period: rangeInWords(range) });
    place.replaceChildren(...parts(answers, { range, identity: visit.identity }));
  } catch (problem) {
    if (signal.aborted) return;
    status.textContent = text("reports.failed");
    place.replaceChildren();
    notice.warn(problem, load);
  } finally {
    if (!signal.aborted) reading.ariaBusy = "false";
  }
}

function choose(range) {
  const chosen = address(PATH, inAddress(range));
  if (chosen === location.hash) load();
  else location.hash = chosen;
}

function start(visit) {
  status = element("p", { class: "quiet", role: "status" });
  place = element("div", { class: "rows" });
  reading = element("div", { class: "reading" }, status, place);
  const about = { page: "summary", title: text("reports.summary.title"), scope: text("reports.summary.scope") };
  frame = reportFrame(about, visit, { onChosen: choose, rows: reading });
}

/** Show the summary of the days that the address names. */
export async function show(visit) {
  const range = rangeOf(visit.query);
  now = { visit, range };
  if (!visit.again) start(visit);
  frame.navigation.show(range);
  const isValid = frame.form.show(range, (other) => address(PATH, inAddress(other)));
  frame.period.textContent = isValid ? rangeInWords(range) : "";
  if (isValid) await load();
  else place.replaceChildren();
}

// How often a student attended and for how long, counted over their latest finished lessons.

import { call, download } from "../../api.js";
import { button, element, NOT_MARKED, notices, statusChip } from "../../components.js";
import { number, text } from "../../localization.js";

/** The most that one page of the report holds; older lessons are in the file. */
const MAX_LESSONS = 200;
const OUTCOMES = ["present", "late", "absent", NOT_MARKED];

function figure(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

function figures(countOf, excused, minutes) {
  return element(
    "dl",
    { class: "figures" },
    OUTCOMES.map((outcome) => figure(statusChip(outcome, outcome), countOf(outcome))),
    figure(text("people.summary.excused"), excused),
    figure(text("people.summary.minutes"), minutes),
  );
}

/** The same size as the figures, so that nothing moves when they come. */
function placeholder() {
  return [figures(() => "…", "…", "…"), element("p", { class: "quiet" }, "…")];
}

function scopeInWords(rows, isAll) {
  if (!rows.length) return text("people.summary.none");
  return text(isAll ? "people.summary.of" : "people.summary.ofLatest", { count: rows.length });
}

function countedFigures(rows, isAll) {
  const countOf = (outcome) => rows.filter((row) => (row.student_attendance_status ?? NOT_MARKED) === outcome).length;
  const excused = rows.filter((row) => row.excused).length;
  const minutes = rows.reduce((sum, row) => sum + (row.active_minutes ?? 0), 0);
  return [
    figures((outcome) => number(countOf(outcome)), number(excused), number(Math.round(minutes))),
    element("p", { class: "quiet" }, scopeInWords(rows, isAll)),
  ];
}

/** Make the summary of a student (student_profiles.id): `{ element, load }`; `load` may be called again. */
export function recordSummary(studentId, signal) {
  const notice = notices();
  let isSaving = false;
  const path = `/api/reports/students/${studentId}/attendance`;
  const place = element("div", { "aria-busy": "true" }, placeholder());

  async function save() {
    if (isSaving) return;
    isSaving = true;
    try {
      await download(`${path}.csv`, text("people.summary.fileName", { student: studentId }), { signal });
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, save);
    } finally {
      isSaving = false;
    }
  }

  async function load() {
    try {
      const { sessions, next_page_token: nextToken } = await call(path, { query: { page_size: MAX_LESSONS }, signal });
      place.replaceChildren(...countedFigures(sessions, !nextToken));
      place.removeAttribute("aria-busy");
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }

  const title = element("h2", {}, text("people.summary.title"));
  return {
    element: element(
      "section",
      {},
      title,
      notice.element,
      place,
      element("div", { class: "actions" }, button(text("people.summary.file"), save)),
    ),
    load,
  };
}

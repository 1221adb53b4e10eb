// Where a student stands: how often they attended, were late or absent, over all finished lessons or the latest months;
// month by month; and for each course.

import { download } from "../../api.js";
import { button, element, icon } from "../../components.js";
import { dateOf, day, text } from "../../localization.js";
import { courses } from "./courses.js";
import { figuresOf, firstDay, since } from "./figures.js";
import { readReport } from "./lessons.js";
import { placeholder, tiles } from "./tiles.js";
import { trend } from "./trend.js";

/** How many months each choice covers; 0: all. */
const RANGES = [0, 3, 1];

/** Return the choice that this entry of the history keeps for when the page is loaded again. */
function rangeKept(studentId) {
  const { range } = history.state ?? {};
  return range?.studentId === studentId && RANGES.includes(range.months) ? range.months : RANGES[0];
}

function rangeInWords(rows) {
  const days = rows.map((row) => row.session_date).filter(Boolean);
  if (days.length === 0) return text("record.range.none");
  const [from, to] = [day(days.at(-1)), day(days[0])];
  const counted = text(from === to ? "record.range.ofOneDay" : "record.range.of", { count: rows.length, from, to });
  return `${counted}. ${text("record.range.closed")}`;
}

function rangeChoice(chosen, onchange) {
  const radio = (months) =>
    element("input", {
      type: "radio",
      name: "range",
      value: months,
      checked: months === chosen,
      onchange: () => onchange(months),
    });
  const labels = RANGES.map((months) =>
    element("label", {}, radio(months), element("span", {}, text(`record.range.months${months}`))),
  );
  return element(
    "fieldset",
    { class: "choice range" },
    element("legend", { class: "unseen" }, text("record.range.label")),
    labels,
  );
}

/**
 * Make the standing of a student (student_profiles.id): `{ tiles, details, load }`: what stands above the lessons, what
 * beside them, and how to read it (again). `name` is that of the file;
 * `onFailure(problem, again)` says what failed.
 */
export function standingOf(studentId, { name, onFailure, signal }) {
  let rows = [];
  let range = rangeKept(studentId);
  const figures = element("div", { "aria-live": "polite", "aria-busy": "true" }, placeholder());
  const words = element("p", { class: "quiet small" }, "…");
  const months = element("section", { class: "card by-month", hidden: true });
  const ofCourses = element("section", { class: "card by-course", hidden: true });

  async function save() {
    const path = `/api/reports/students/${studentId}/attendance.csv`;
    const first = range ? firstDay(dateOf(Date.now()), range) : "";
    try {
      await download(path, text("record.fileName", { name }), { signal, query: { date_from: first } });
    } catch (problem) {
      onFailure(problem, save);
    }
  }

  function fill(section, content) {
    section.hidden = content.length === 0;
    section.replaceChildren(...content);
  }

  function show() {
    const shown = since(rows, range ? firstDay(dateOf(Date.now()), range) : "");
    figures.replaceChildren(tiles(figuresOf(shown)));
    figures.removeAttribute("aria-busy");
    words.textContent = rangeInWords(shown);
    fill(months, trend(rows));
    fill(ofCourses, courses(shown));
  }

  async function load() {
    try {
      rows = await readReport(studentId, signal);
      show();
    } catch (problem) {
      onFailure(problem, load);
    }
  }

  function choose(chosen) {
    range = chosen;
    history.replaceState({ ...history.state, range: { studentId, months: chosen } }, "");
    show();
  }

  const file = button([icon("download"), text("record.file")], save, { class: "small plain" });
  return {
    tiles: element(
      "section",
      { class: "standing", "aria-label": text("record.standing") },
      element("div", { class: "standing-head" }, rangeChoice(range, choose), words),
      figures,
    ),
    details: [months, ofCourses, element("div", { class: "actions" }, file)],
    load,
  };
}

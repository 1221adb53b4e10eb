// Whose report? Students whom the signed-in person may see, found by name.

import { element } from "../../elements.js";
import { address } from "../../routes.js";
import { text } from "../../strings/index.js";
import { rangeOf } from "./calendar.js";
import { Pages } from "./pages.js";
import { reading } from "./reading.js";
import { reportNavigation } from "./report.js";

const PATH = "/reports/students";
/** What the API takes (docs/api.md). */
const LONGEST_SEARCH = 100;

let parts = null;
/** The days that the address names: searches and links keep them. */
let range = null;

function frame({ main, identity }) {
  const navigation = reportNavigation(identity.role, "students");
  const input = element("input", { type: "search", id: "student-search", maxlength: LONGEST_SEARCH });
  function search(event) {
    event.preventDefault();
    location.hash = address(PATH, { search: input.value.trim(), ...range });
  }
  const form = element("form", { class: "range", role: "search", onsubmit: search },
    element("div", {}, element("label", { for: input.id }, text("reports.choice.search")), input),
    element("button", {}, text("reports.choice.find")));
  const list = reading();
  const heading = element("h1", { tabindex: -1 }, text("reports.choice.title"));
  main.replaceChildren(element("div", { class: "report" }, navigation.element, heading, form, list.element));
  return { navigation, input, list };
}

function studentLink({ student_id: id, name }, number) {
  return element("li", {}, element("a", { href: address(`${PATH}/${id}`, range), "data-row": number }, name));
}

/** Show the students whom the address searches for; all without a search. */
export function showChoice(visit) {
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
  if (!again) parts = frame(visit);
  parts.navigation.show(range);
  parts.input.value = search;
  const pages = new Pages("/api/students", { search }, ({ students }) => students);
  return parts.list.load({ pages, content, signal, notice });
}

// The form that chooses the days that a report covers.

import { element, icon } from "../../components.js";
import { day, inOwnCalendar, text } from "../../localization.js";
import { frequentRanges, problemOf } from "./date-range.js";

function dateField(name, label = text(`reports.range.${name}`)) {
  const problem = element("p", { class: "problem", id: `${name}-problem` });
  const own = element("p", { class: "quiet small", id: `${name}-own` });
  const input = element("input", { type: "date", id: name, "aria-describedby": `${problem.id} ${own.id}` });
  const tellOwn = () => own.replaceChildren(inOwnCalendar(input.value));
  input.addEventListener("input", tellOwn);
  const place = element("div", {}, element("label", { for: name }, label), input, own, problem);
  return { input, place, problem, tellOwn };
}

function problemInWords({ reason }, { from, to }) {
  if (reason !== "order") return text("reports.range.notADay");
  return text("reports.range.order", { from: day(from), to: day(to) });
}

/** Make links to frequent ranges. The links stay while their addresses change: one of them may have the focus. */
function shortcuts() {
  const names = Object.keys(frequentRanges());
  const links = Object.fromEntries(names.map((name) => [name, element("a", {}, text(`reports.range.${name}`))]));
  const list = element(
    "ul",
    { class: "choices", "aria-label": text("reports.range.shortcuts") },
    Object.values(links).map((link) => element("li", {}, link)),
  );
  /** Returns whether the range is one of them. On the first of a month several are the same: the first counts. */
  function show(range, addressOf) {
    const ranges = frequentRanges();
    const current = names.find((name) => ranges[name].from === range.from && ranges[name].to === range.to);
    for (const name of names) {
      links[name].href = addressOf(ranges[name]);
      if (name === current) links[name].setAttribute("aria-current", "true");
      else links[name].removeAttribute("aria-current");
    }
    return current !== undefined;
  }
  return { list, show };
}

/** Make the form of reports that look back from one day: only the last day is chosen, and the first of the address kept. */
export function lastDayForm(onChosen) {
  const last = dateField("to", text("reports.range.upTo"));
  let first = "";

  function showProblem(problem) {
    last.problem.textContent = problem ? problemInWords(problem, {}) : "";
    last.input.setAttribute("aria-invalid", Boolean(problem));
  }

  function submit(event) {
    event.preventDefault();
    const to = last.input.value;
    const problem = last.input.validity.badInput ? { field: "to", reason: "notADay" } : problemOf({ from: "", to });
    showProblem(problem);
    if (problem) last.input.focus();
    else onChosen({ from: first <= to ? first : "", to });
  }

  return {
    element: element(
      "form",
      { class: "range last-day", novalidate: true, onsubmit: submit },
      last.place,
      element("button", {}, text("reports.range.show")),
    ),
    show({ from, to }) {
      const problem = problemOf({ from: "", to });
      first = from;
      last.input.value = to;
      last.tellOwn();
      showProblem(problem);
      return !problem;
    },
  };
}

/**
 * Make the form. `onChosen({ from, to })` is called with a valid range; what is wrong with another is shown beside its
 * field. `show(range, addressOf)` shows the range of the present address, and returns whether it is valid.
 */
export function rangeForm(onChosen) {
  const fields = { from: dateField("from"), to: dateField("to") };
  const { list, show: showShortcuts } = shortcuts();

  function showProblem(problem, range) {
    for (const [name, field] of Object.entries(fields)) {
      const isInvalid = problem?.field === name;
      field.problem.textContent = isInvalid ? problemInWords(problem, range) : "";
      field.input.setAttribute("aria-invalid", isInvalid);
    }
  }

  function submit(event) {
    event.preventDefault();
    const incomplete = Object.keys(fields).find((name) => fields[name].input.validity.badInput);
    const range = { from: fields.from.input.value, to: fields.to.input.value };
    const problem = incomplete ? { field: incomplete, reason: "notADay" } : problemOf(range);
    showProblem(problem, range);
    if (problem) fields[problem.field].input.focus();
    else onChosen(range);
  }

  const form = element(
    "form",
    { class: "range", novalidate: true, onsubmit: submit },
    fields.from.place,
    fields.to.place,
    element("button", {}, text("reports.range.show")),
  );
  const label = element("summary", {}, icon("calendar"), text("reports.range.own"));
  const own = element("details", { class: "own-days" }, label, form);
  return {
    element: element("div", { class: "ranges" }, list, own),
    show(range, addressOf) {
      const problem = problemOf(range);
      fields.from.input.value = range.from;
      fields.to.input.value = range.to;
      for (const field of Object.values(fields)) field.tellOwn();
      showProblem(problem, range);
      const isFrequent = showShortcuts(range, addressOf);
      own.classList.toggle("current", !isFrequent);
      if (!isFrequent) own.open = true;
      return !problem;
    },
  };
}

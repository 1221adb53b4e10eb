// The form above the list of sessions: search and filters.

import { button, element } from "../../components.js";
import { inOwnCalendar, text } from "../../localization.js";
import { CHOICES, daysAreReversed, filterCount, filtersOf, MAX_SEARCH_CHARACTERS, NO_FILTERS } from "./filters.js";

/** A longer pause in typing means that the word is complete. */
const TYPING_PAUSE_MS = 300;
/** On narrower windows the filters are folded away. */
const WIDE = "(min-width: 48rem)";
const PROBLEM = "days-problem";

function field(label, control) {
  return element("label", { class: "field" }, label, control);
}

/** A field of a date, and below it the date in the person's calendar: inputs of dates are Gregorian. */
function dateField(label, input) {
  const own = element("p", { class: "quiet small", id: `${input.name}-own` });
  const tellOwn = () => own.replaceChildren(inOwnCalendar(input.value));
  input.addEventListener("input", tellOwn);
  input.setAttribute("aria-describedby", `${PROBLEM} ${own.id}`);
  return { element: element("div", { class: "dated" }, field(label, input), own), tellOwn };
}

function selection(name, labelOf) {
  const options = CHOICES[name].map((value) => element("option", { value }, labelOf(value)));
  return element("select", { name }, element("option", { value: "" }, text("lessons.all")), options);
}

function controls() {
  return {
    search: element("input", { type: "search", name: "search", maxlength: MAX_SEARCH_CHARACTERS, autocomplete: "off" }),
    status: selection("status", (status) => text(`common.lesson.${status}`)),
    attendance: selection("attendance", (value) => text(`lessons.attendance.${value}`)),
    from: element("input", { type: "date", name: "from" }),
    to: element("input", { type: "date", name: "to" }),
  };
}

/**
 * Make the form: `{ element, show(filters), clear() }`. `onChange(filters, { typed })` is called when filters change;
 * `typed` is set where they changed while typing.
 */
export function filterForm({ onChange }) {
  const fields = controls();
  const dates = ["from", "to"].map((name) => dateField(text(`lessons.${name}`), fields[name]));
  const summary = element("summary");
  const problem = element("p", { id: PROBLEM, role: "alert" });
  let typing = null;

  const current = () => filtersOf(new URLSearchParams(new FormData(form)));
  function apply(options = {}) {
    clearTimeout(typing);
    typing = null;
    onChange(current(), options);
  }
  function applySoon() {
    clearTimeout(typing);
    typing = setTimeout(() => apply({ typed: true }), TYPING_PAUSE_MS);
  }
  function submit(event) {
    event.preventDefault();
    apply();
  }
  function clear() {
    form.reset();
    fields.search.focus();
    apply();
  }

  fields.search.addEventListener("input", applySoon);
  for (const name of ["from", "to"]) fields[name].addEventListener("input", applySoon);
  for (const name of Object.keys(CHOICES)) fields[name].addEventListener("change", () => apply());
  const clearButton = button(text("lessons.clear"), clear, { hidden: true });
  const folded = element(
    "details",
    { class: "filters", open: matchMedia(WIDE).matches },
    summary,
    element(
      "div",
      { class: "fields" },
      field(text("lessons.status"), fields.status),
      field(text("lessons.marking"), fields.attendance),
      dates.map((date) => date.element),
    ),
    problem,
  );
  const form = element(
    "form",
    { role: "search", class: "looking", onsubmit: submit },
    element("div", { class: "finding" }, field(text("lessons.search"), fields.search), clearButton),
    folded,
  );

  function show(filters) {
    // While the user types, the field is newer than the address.
    if (typing === null && current().search !== filters.search) fields.search.value = filters.search;
    for (const name of ["status", "attendance", "from", "to"]) {
      if (fields[name].value !== filters[name]) fields[name].value = filters[name];
    }
    for (const date of dates) date.tellOwn();
    const count = filterCount({ ...filters, search: "" });
    summary.textContent = count ? text("lessons.filtersOn", { count }) : text("lessons.filters");
    clearButton.hidden = filterCount(filters) === 0;
    const reversed = daysAreReversed(filters);
    problem.textContent = reversed ? text("lessons.reversed") : "";
    for (const name of ["from", "to"]) fields[name].setAttribute("aria-invalid", String(reversed));
    if (reversed) folded.open = true;
  }

  show(NO_FILTERS);
  return { element: form, show, clear };
}

// The form above the sessions: search, and what to leave out.

import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { CHOICES, LONGEST_SEARCH, NO_FILTERS, daysAreReversed, filterCount, filtersOf } from "./filters.js";

/** Somebody who types pauses longer than this only when they are done. */
const TYPING_PAUSE_MILLISECONDS = 300;
/** Where there is room for all fields beside each other they need not be folded away. */
const WIDE = "(min-width: 48rem)";
const PROBLEM = "days-problem";

function field(label, control) {
  return element("label", { class: "field" }, label, control);
}

function chooser(name, words) {
  const options = CHOICES[name].map((word) => element("option", { value: word }, words(word)));
  return element("select", { name }, element("option", { value: "" }, text("sessions.all")), options);
}

function controls() {
  return {
    search: element("input", { type: "search", name: "search", maxlength: LONGEST_SEARCH, autocomplete: "off" }),
    status: chooser("status", (word) => text(`common.lesson.${word}`)),
    attendance: chooser("attendance", (word) => text(`sessions.attendance.${word}`)),
    from: element("input", { type: "date", name: "from", "aria-describedby": PROBLEM }),
    to: element("input", { type: "date", name: "to", "aria-describedby": PROBLEM }),
  };
}

/**
 * Make the form. `onChange(filters, { typed })` is called when other filters are wanted; `typed` tells that they were
 * typed, letter by letter. Returns `{ element, show(filters), clear() }`.
 */
export function filterForm({ onChange }) {
  const made = controls();
  const summary = element("summary");
  const problem = element("p", { id: PROBLEM, role: "alert" });
  let typing = null;

  const wanted = () => filtersOf(new URLSearchParams(new FormData(form)));
  function now(options = {}) {
    clearTimeout(typing);
    typing = null;
    onChange(wanted(), options);
  }
  function soon() {
    clearTimeout(typing);
    typing = setTimeout(() => now({ typed: true }), TYPING_PAUSE_MILLISECONDS);
  }
  function submit(event) {
    event.preventDefault();
    now();
  }
  function clear() {
    form.reset();
    made.search.focus();
    now();
  }

  made.search.addEventListener("input", soon);
  for (const name of ["from", "to"]) made[name].addEventListener("input", soon);
  for (const name of Object.keys(CHOICES)) made[name].addEventListener("change", () => now());
  const clearing = button(text("sessions.clear"), clear, { hidden: true });
  const folded = element("details", { class: "filters", open: matchMedia(WIDE).matches }, summary,
    element("div", { class: "fields" },
      field(text("sessions.status"), made.status), field(text("sessions.marking"), made.attendance),
      field(text("sessions.from"), made.from), field(text("sessions.to"), made.to)), problem);
  const form = element("form", { role: "search", class: "looking", onsubmit: submit },
    element("div", { class: "finding" }, field(text("sessions.search"), made.search), clearing), folded);

  function show(filters) {
    // What is being typed is newer than the address.
    if (typing === null && wanted().search !== filters.search) made.search.value = filters.search;
    for (const name of ["status", "attendance", "from", "to"]) {
      if (made[name].value !== filters[name]) made[name].value = filters[name];
    }
    const count = filterCount({ ...filters, search: "" });
    summary.textContent = count ? text("sessions.filtersOn", { count }) : text("sessions.filters");
    clearing.hidden = filterCount(filters) === 0;
    const reversed = daysAreReversed(filters);
    problem.textContent = reversed ? text("sessions.reversed") : "";
    for (const name of ["from", "to"]) made[name].setAttribute("aria-invalid", String(reversed));
    if (reversed) folded.open = true;
  }

  show(NO_FILTERS);
  return { element: form, show, clear };
}

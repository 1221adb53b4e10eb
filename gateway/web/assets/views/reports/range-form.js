// Chooses the days that a report covers.

import { element } from "../../elements.js";
import { day } from "../../format.js";
import { text } from "../../strings/index.js";
import { choices, faultOf } from "./calendar.js";

function field(name) {
  const problem = element("p", { class: "problem", id: `${name}-problem` });
  const input = element("input", { type: "date", id: name, "aria-describedby": problem.id });
  const place = element("div", {}, element("label", { for: name }, text(`reports.range.${name}`)), input, problem);
  return { input, place, problem };
}

function sentence({ reason }, { from, to }) {
  if (reason !== "order") return text("reports.range.notADay");
  return text("reports.range.order", { from: day(from), to: day(to) });
}

/** Links to what is chosen most. They stay while their addresses change, for one of them may have the focus. */
function shortcuts() {
  const names = Object.keys(choices());
  const links = Object.fromEntries(names.map((name) => [name, element("a", {}, text(`reports.range.${name}`))]));
  const list = element("ul", { class: "choices", "aria-label": text("reports.range.shortcuts") },
    Object.values(links).map((link) => element("li", {}, link)));
  function show(range, addressOf) {
    for (const [name, choice] of Object.entries(choices())) {
      links[name].href = addressOf(choice);
      if (choice.from === range.from && choice.to === range.to) links[name].setAttribute("aria-current", "true");
      else links[name].removeAttribute("aria-current");
    }
  }
  return { list, show };
}

/**
 * Make the form. `onChosen({ from, to })` is called with a range that can be; what is wrong with another is told beside
 * its field. `show(range, addressOf)` shows the range of the present address, and returns whether it can be.
 */
export function rangeForm(onChosen) {
  const fields = { from: field("from"), to: field("to") };
  const { list, show: showShortcuts } = shortcuts();

  function tell(fault, range) {
    for (const [name, { input, problem }] of Object.entries(fields)) {
      const isAtFault = fault?.field === name;
      problem.textContent = isAtFault ? sentence(fault, range) : "";
      input.setAttribute("aria-invalid", isAtFault);
    }
  }

  function submit(event) {
    event.preventDefault();
    const half = Object.keys(fields).find((name) => fields[name].input.validity.badInput);
    const range = { from: fields.from.input.value, to: fields.to.input.value };
    const fault = half ? { field: half, reason: "notADay" } : faultOf(range);
    tell(fault, range);
    if (fault) fields[fault.field].input.focus();
    else onChosen(range);
  }

  const form = element("form", { class: "range", novalidate: true, onsubmit: submit },
    fields.from.place, fields.to.place, element("button", {}, text("reports.range.show")));
  return {
    element: element("div", { class: "ranges" }, list, form),
    show(range, addressOf) {
      const fault = faultOf(range);
      fields.from.input.value = range.from;
      fields.to.input.value = range.to;
      tell(fault, range);
      showShortcuts(range, addressOf);
      return !fault;
    },
  };
}

// One person of a lesson: the name with the facts in one line, why the suggestion is not clear, and the choice.

import { element, isolated } from "../../components.js";
import { text } from "../../localization.js";
import { personChoice } from "./choice.js";
import { factsInWords, whyOf } from "./facts.js";

/**
 * Make the block of `person` (people.js). `isAsked` is whether there is a choice; for the other options see choice.js.
 * `show(person, suggestion)` shows it; `open(isOpen)` shows or hides the choice.
 */
export function personBlock(person, { isAsked, isParents = false, ...options }) {
  const facts = element("span", { class: "facts" });
  const why = element("p", { class: "why" });
  const announced = element("p", { class: "why" });
  const label = isParents ? text("lesson.reportOn", { name: person.name }) : person.label;
  const choice = isAsked ? personChoice(person, label, options) : null;
  const control = choice && element("div", { class: "control" }, choice.status.element, choice.excuse.element);
  let { isLocked } = person;
  return {
    choice,
    element: element(
      "div",
      { class: "person", "data-person": person.key },
      element("div", { class: "line" }, element("strong", {}, isolated(person.label)), facts),
      announced,
      why,
      control,
    ),
    show(newer, suggestion) {
      facts.textContent = suggestion ? factsInWords(newer, suggestion) : "";
      why.textContent = suggestion ? whyOf(newer, suggestion) : "";
      announced.textContent =
        newer.announced === undefined ? "" : text("lesson.facts.announced", { reason: newer.announced });
      choice?.show(newer);
      isLocked = newer.isLocked;
    },
    /** What only an admin may change meanwhile is not asked about. */
    open(isOpen) {
      if (control) control.hidden = !isOpen || isLocked;
    },
  };
}

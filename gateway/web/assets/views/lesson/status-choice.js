// The choice of a status for one person.

import { element } from "../../components.js";
import { text } from "../../localization.js";

const STATUSES = ["present", "late", "absent"];
/** The value of a choice that takes what is suggested. */
export const SUGGESTED = "suggested";

/**
 * Make the choice for `name`, under `label`. `onchange()` is called at each choice. After `suggest(status)` it also offers
 * to take what is suggested; `suggest(null)` takes that offer away.
 */
export function statusChoice(name, label, onchange) {
  const problem = element("p", { class: "problem", id: `${name}-problem` });
  const radioOf = (value) => element("input", { type: "radio", name, value, onchange });
  const radios = STATUSES.map(radioOf);
  const labels = radios.map((radio) => element("label", {}, radio, text(`common.status.${radio.value}`)));
  const suggested = radioOf(SUGGESTED);
  const suggestedWords = element("span", {});
  const offer = element("label", { hidden: true }, suggested, suggestedWords);
  const all = [suggested, ...radios];
  return {
    element: element(
      "fieldset",
      { role: "radiogroup", "aria-describedby": problem.id },
      element("legend", {}, label),
      element("div", { class: "statuses" }, offer, labels),
      problem,
    ),
    focus: () => (offer.hidden ? radios[0] : suggested).focus(),
    value: () => all.find(({ checked }) => checked)?.value,
    choose(status) {
      for (const radio of all) radio.checked = radio.value === status;
    },
    suggest(status) {
      offer.hidden = status === null;
      if (status === null) suggested.checked = false;
      else suggestedWords.textContent = text("lesson.asSuggested", { status: text(`common.status.${status}`) });
    },
    showProblem: (sentence) => problem.replaceChildren(sentence),
  };
}

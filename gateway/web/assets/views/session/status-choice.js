// A choice of present, late and absent for one person, of which nothing is chosen beforehand.

import { element } from "../../elements.js";
import { text } from "../../strings/index.js";

const STATUSES = ["present", "late", "absent"];

/** Make the choice for `person` (`tutor` or `student`); `onchange()` is called at each choice. */
export function statusChoice(person, onchange) {
  const problem = element("p", { class: "problem", id: `${person}-problem` });
  const radios = STATUSES.map((value) => element("input", { type: "radio", name: person, value, onchange }));
  const labels = radios.map((radio) => element("label", {}, radio, text(`common.status.${radio.value}`)));
  return {
    element: element("fieldset", { role: "radiogroup", "aria-describedby": problem.id },
      element("legend", {}, text(`common.${person}`)), element("div", { class: "statuses" }, labels), problem),
    focus: () => radios[0].focus(),
    value: () => radios.find(({ checked }) => checked)?.value,
    choose(status) {
      for (const radio of radios) radio.checked = radio.value === status;
    },
    complain: (sentence) => problem.replaceChildren(sentence),
  };
}

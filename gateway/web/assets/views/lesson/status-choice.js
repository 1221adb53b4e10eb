// The choice of a status for one person: three parts of one control.

import { element, icon } from "../../components.js";
import { text } from "../../localization.js";

const STATUSES = { present: "check", late: "clock", absent: "cross" };

/**
 * Make the choice for `name`, under `label`. `onchange()` is called when a person chooses. `suggest(status)` marks what is
 * suggested (null: nothing), `choose(status)` chooses. `isCompact` shows icons, and the word of what is chosen beside them.
 */
export function statusChoice(name, label, onchange, { isCompact = false } = {}) {
  const problem = element("p", { class: "problem", id: `${name}-problem` });
  const chosenWord = element("span", { class: "chosen", "aria-hidden": "true" });
  const marks = new Map();
  const radios = Object.keys(STATUSES).map((value) =>
    element("input", { type: "radio", name, value, onchange: changed }),
  );
  const labels = radios.map((radio) => {
    const { value } = radio;
    const mark = element("span", { class: "unseen" });
    marks.set(value, mark);
    const word = element("span", { class: isCompact ? "unseen" : "word" }, text(`common.status.${value}`));
    const tooltip = isCompact ? text(`common.status.${value}`) : null;
    return element("label", { class: value, title: tooltip }, radio, icon(STATUSES[value]), word, mark);
  });
  const value = () => radios.find(({ checked }) => checked)?.value;

  function showWord() {
    if (!isCompact) return;
    chosenWord.textContent = text(`common.status.${value() ?? "unmarked"}`);
    chosenWord.className = `chosen ${value() ?? "unmarked"}`;
  }

  function changed() {
    problem.replaceChildren();
    showWord();
    onchange();
  }

  showWord();
  return {
    element: element(
      "fieldset",
      {
        role: "radiogroup",
        class: isCompact ? "status-choice compact" : "status-choice",
        "aria-describedby": problem.id,
      },
      element("legend", { class: "unseen" }, label),
      isCompact && chosenWord,
      element("div", { class: "segments" }, labels),
      problem,
    ),
    focus: () => (radios.find(({ checked }) => checked) ?? radios[0]).focus(),
    value,
    choose(status) {
      for (const radio of radios) radio.checked = radio.value === status;
      showWord();
    },
    suggest(status) {
      for (const [index, radio] of radios.entries()) {
        labels[index].classList.toggle("suggested", radio.value === status);
        marks.get(radio.value).textContent = radio.value === status ? text("lesson.isSuggested") : "";
      }
    },
    showProblem: (sentence) => problem.replaceChildren(sentence),
  };
}

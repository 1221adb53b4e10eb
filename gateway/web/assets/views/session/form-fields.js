// The fields of the form by hand.

import { element } from "../../elements.js";
import { number } from "../../format.js";
import { text } from "../../strings/index.js";

const STATUSES = ["present", "late", "absent"];
/** What the API takes (docs/api.md, MarkAttendance). */
const MOST_CHARACTERS = 2000;
/** From so many left on, screen readers are told. */
const FEW_CHARACTERS = 100;

/**
 * Make a choice of present, late and absent for `person` (`tutor` or `student`), of which nothing is chosen beforehand.
 * `onchange()` is called at each choice.
 */
export function statusChoice(person, label, onchange) {
  const problem = element("p", { class: "problem", id: `${person}-problem` });
  const radios = STATUSES.map((value) => element("input", { type: "radio", name: person, value, onchange }));
  const labels = radios.map((radio) => element("label", {}, radio, text(`common.status.${radio.value}`)));
  return {
    element: element("fieldset", { role: "radiogroup", "aria-describedby": problem.id },
      element("legend", {}, label), element("div", { class: "statuses" }, labels), problem),
    focus: () => radios[0].focus(),
    value: () => radios.find(({ checked }) => checked)?.value,
    choose(status) {
      for (const radio of radios) radio.checked = radio.value === status;
    },
    complain: (sentence) => problem.replaceChildren(sentence),
  };
}

/** The API counts characters, JavaScript halves of some. */
const lengthOf = (words) => [...words].length;

function warning(left) {
  if (left < 0) return text("session.tooLong", { count: -left });
  return left < FEW_CHARACTERS ? text("session.fewLeft", { count: left }) : "";
}

/**
 * Make the field for notes. It tells how many characters there are; more than the API takes are not cut off.
 * `oninput()` is called at each change by hand.
 */
export function notesField(oninput) {
  const counter = element("p", { class: "quiet", id: "notes-count" });
  const problem = element("p", { class: "problem", id: "notes-problem", role: "status" });
  const field = element("textarea", {
    id: "session-notes",
    rows: 3,
    "aria-describedby": `${counter.id} ${problem.id}`,
    oninput() {
      count();
      oninput();
    },
  });

  function count() {
    const length = lengthOf(field.value);
    counter.textContent = text("session.counted", { length: number(length), most: number(MOST_CHARACTERS) });
    problem.textContent = warning(MOST_CHARACTERS - length);
  }

  count();
  return {
    element: element("div", { class: "notes" },
      element("label", { for: field.id }, text("session.notesField")), field, counter, problem),
    focus: () => field.focus(),
    value: () => field.value,
    isTooLong: () => lengthOf(field.value) > MOST_CHARACTERS,
    fill(words) {
      field.value = words;
      count();
    },
  };
}

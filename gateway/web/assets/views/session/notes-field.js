// Notes, with how many characters there are: more than the API takes are not cut off, but told.

import { element } from "../../elements.js";
import { number } from "../../format.js";
import { text } from "../../strings/index.js";

/** What the API takes (docs/api.md, MarkAttendance). */
const MOST_CHARACTERS = 2000;
/** From so many left on, screen readers are told. */
const FEW_CHARACTERS = 100;

/** The API counts characters, JavaScript halves of some. */
const lengthOf = (words) => [...words].length;

function warning(left) {
  if (left < 0) return text("session.tooLong", { count: -left });
  return left < FEW_CHARACTERS ? text("session.fewLeft", { count: left }) : "";
}

/** Make the field; `oninput()` is called at each change by hand. */
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

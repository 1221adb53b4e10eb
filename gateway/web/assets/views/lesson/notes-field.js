// The field for notes. It does not cut off what is too long, and counts when little room is left.

import { element } from "../../components.js";
import { number, text } from "../../localization.js";

/** What the API takes (docs/api.md, MarkAttendance). */
const MAX_CHARACTERS = 2000;
/** When fewer are left, a warning says so. */
const FEW_CHARACTERS = 100;

/** The API counts characters; `length` would count some twice. */
const lengthOf = (content) => [...content].length;

function warning(content) {
  const length = lengthOf(content);
  const left = MAX_CHARACTERS - length;
  if (left >= FEW_CHARACTERS) return "";
  const counted = text("lesson.counted", { length: number(length), most: number(MAX_CHARACTERS) });
  return `${counted} ${text(left < 0 ? "lesson.tooLong" : "lesson.fewLeft", { count: Math.abs(left) })}`;
}

/** Make the field `id` under `label`; `present` says that it begins with what is stored. `oninput()` is called when a person types. */
export function notesField(id, { label, present, oninput }) {
  const problem = element("p", { class: "problem", id: `${id}-problem`, role: "status" });
  const hint = element("p", { class: "small", id: `${id}-hint`, hidden: true }, present);
  const field = element("textarea", {
    id,
    rows: 1,
    "aria-describedby": `${hint.id} ${problem.id}`,
    // Nothing that sticks to an edge covers it while it is used.
    onfocus: () => field.scrollIntoView({ block: "nearest" }),
    oninput() {
      warn();
      oninput();
    },
  });
  let stored = "";

  function warn() {
    const words = warning(field.value);
    if (problem.textContent !== words) problem.textContent = words;
  }

  function fill(content) {
    field.value = content;
    warn();
  }

  const isTyped = () => field.value !== stored;
  return {
    element: element("div", { class: "notes" }, element("label", { for: id }, label), hint, field, problem),
    focus: () => field.focus(),
    isTooLong: () => lengthOf(field.value) > MAX_CHARACTERS,
    isTyped,
    /** Return what to send: undefined if it is as it is stored. */
    change: () => (isTyped() ? field.value : undefined),
    /** Show what is stored; what was typed stays. */
    show(content) {
      const keeps = isTyped();
      stored = content;
      hint.hidden = !stored;
      if (!keeps) fill(stored);
    },
    reset: () => fill(stored),
    draft: () => (isTyped() ? field.value : null),
    restore(content) {
      if (content !== null) fill(content);
    },
  };
}

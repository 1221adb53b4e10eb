// A question in a dialog over the dialog of a session.

import { button, element } from "../../components.js";
import { text } from "../../localization.js";

const AGREED = "agreed";
/** What the API takes in notes and reasons (docs/api.md). */
const MAX_CHARACTERS = 2000;

/**
 * Make a field for a sentence: its `elements`, `value()`, and `isGiven()`, which focuses it and says so if it is empty
 * and has to be filled in.
 */
export function sentenceField(label, { isRequired = false } = {}) {
  const problem = element("p", { class: "problem", id: "sentence-problem", role: "status" });
  const field = element("textarea", {
    id: "sentence",
    rows: 2,
    maxlength: MAX_CHARACTERS,
    "aria-describedby": problem.id,
    "aria-required": String(isRequired),
    oninput: () => problem.replaceChildren(),
  });
  const value = () => field.value.trim();
  return {
    elements: [element("label", { for: field.id }, label), field, problem],
    value,
    isGiven() {
      const isMissing = isRequired && !value();
      problem.textContent = isMissing ? text("lesson.writeWhy") : "";
      if (isMissing) field.focus();
      return !isMissing;
    },
  };
}

/**
 * Ask in a dialog over `parent`, named `title`, and return whether the person agreed. `content` are the elements above
 * the two buttons `agree` and `refuse` (strings); `isSafe` is whether agreeing is what most people want. `isReady()` is
 * whether what was typed is complete; it says what is missing.
 */
export function ask(
  parent,
  { title, content, agree, refuse = text("common.cancel"), isSafe = true, isReady = () => true },
) {
  return new Promise((resolve) => {
    const strong = { class: "primary" };
    const finish = () => isReady() && question.close(AGREED);
    // Enter must not throw anything away.
    const keep = button(refuse, () => question.close(), isSafe ? {} : { ...strong, autofocus: true });
    const go = button(agree, finish, isSafe ? strong : {});
    const question = element(
      "dialog",
      { role: "alertdialog", class: "question", "aria-label": title },
      content,
      element("div", { class: "actions" }, isSafe ? [go, keep] : [keep, go]),
    );
    question.addEventListener("close", () => {
      question.remove();
      resolve(question.returnValue === AGREED);
    });
    parent.append(question);
    question.showModal();
  });
}

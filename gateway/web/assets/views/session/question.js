// A question in a dialog over the dialog of a session.

import { button, element } from "../../components.js";
import { text } from "../../localization.js";

const AGREED = "agreed";

/**
 * Ask in a dialog over `parent`, named `title`, and return whether the person agreed. `content` are the elements above
 * the two buttons `agree` and `refuse` (strings); `isSafe` is whether agreeing is what most people want.
 */
export function ask(parent, { title, content, agree, refuse = text("common.cancel"), isSafe = true }) {
  return new Promise((resolve) => {
    const strong = { class: "primary" };
    // Enter must not throw anything away.
    const keep = button(refuse, () => question.close(), isSafe ? {} : { ...strong, autofocus: true });
    const go = button(agree, () => question.close(AGREED), isSafe ? strong : {});
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

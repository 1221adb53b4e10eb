// The button that accepts all clear suggestions of what is listed: what it says, and what it does.

import { button, element, tallyInWords } from "../../components.js";
import { loadWhenIdle } from "../../loading.js";
import { text } from "../../localization.js";
import { isClear, suggestedStatuses } from "./state.js";

const loadMany = () => import("./accept-many.js");
const EXPLAINED = "accept-clear-explained";

/** What it says: also how many are absent, before that is accepted. The second line is there from the start. */
function contentFor(sessions) {
  const outcome = tallyInWords(sessions.flatMap(suggestedStatuses)) || "\u00a0";
  return [text("lessons.acceptClear", { count: sessions.length }), element("small", {}, " ", outcome)];
}

/**
 * Make the button: `{ element, show(sessions), explanation }`. `show` gets the lessons that are listed and not marked:
 * the button accepts exactly those of them whose suggestion is clear, and says how many they are. `onDone()` is called
 * after it has.
 */
export function acceptClearButton({ identity, list, notice, onDone = () => {}, isPrimary = true }) {
  let clear = [];
  const control = button(contentFor([]), run, {
    class: isPrimary ? "primary accept-clear none" : "accept-clear none",
    "aria-describedby": EXPLAINED,
  });
  const explanation = element("p", { class: "unseen", id: EXPLAINED });

  async function run() {
    const sessions = clear;
    const many = await loadMany().catch(() => null);
    if (many) await list.act((acts) => many.acceptAll(sessions, { identity, list, acts, notice, onDone }));
    else notice.warn({ message: text("problems.offline") }, run);
  }

  return {
    element: control,
    explanation,
    show(sessions) {
      clear = sessions.filter(isClear);
      if (clear.length) loadWhenIdle([loadMany]);
      control.classList.toggle("none", clear.length === 0);
      control.replaceChildren(...contentFor(clear));
      explanation.textContent = clear.length ? text("lessons.acceptClearExplained", { count: clear.length }) : "";
    },
    get count() {
      return clear.length;
    },
  };
}

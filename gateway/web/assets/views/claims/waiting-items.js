// A list of what waits for a tutor or admin: claims to answer, marks that a parent changed, announced absences. Both the
// admin's claims and the tutor's start page show it.

import { call } from "../../api.js";
import { announceChange } from "../../changes.js";
import { element } from "../../components.js";
import { claimItem } from "./claim-item.js";
import { absenceItem, parentsWordItem } from "./news-items.js";

const MAKERS = { claim: claimItem, parents_word: parentsWordItem, absence_notice: absenceItem };

/**
 * Make the list: `{ element, add }`. `add(items)` takes items of `/api/inbox`. `open(sessionId)` shows a lesson;
 * `onSettled(sessionId)` is called after an answer, when the next item has the focus. Failures are said by
 * `notice`; `signal` is the view's.
 */
export function waitingItems({ identity, notice, signal, open, onSettled = () => {} }) {
  const list = element("ul", { class: "waiting-items" });

  async function attempt(work, again) {
    try {
      return await work();
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, again);
      return null;
    }
  }

  function focusNext(line) {
    const lines = [...list.children];
    const later = [...lines.slice(lines.indexOf(line) + 1), ...lines];
    (later.find((other) => !other.hasAttribute("data-settled")) ?? line).focus();
  }

  /** Show what became of an item, where it stood, and go on to the next one. */
  function settle(line, sessionId, answer) {
    if (signal.aborted) return;
    line.setAttribute("data-settled", "");
    line.replaceChildren(...answer);
    focusNext(line);
    announceChange(sessionId);
    onSettled(sessionId);
  }

  function lineOf(item) {
    const make = MAKERS[item.kind];
    if (!make) return null;
    const line = element("li", { class: `waiting-item ${item.kind}`, tabindex: -1 });
    const settleIt = (answer) => settle(line, item.session.id, answer);
    line.append(...make(item, { identity, attempt, call, notice, signal, open, settle: settleIt }).flat());
    return line;
  }

  return {
    element: list,
    add(items) {
      list.append(...items.map(lineOf).filter(Boolean));
    },
  };
}

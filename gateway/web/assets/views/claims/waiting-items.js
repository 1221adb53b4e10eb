// A list of what waits for a tutor or admin: claims to answer, marks that a parent changed, announced absences. Both the
// admin's claims and the tutor's start page show it.

import { call } from "../../api.js";
import { announceChange, onChange } from "../../changes.js";
import { element } from "../../components.js";
import { claimItem } from "./claim-item.js";
import { absenceItem, parentsWordItem } from "./news-items.js";

const MAKERS = { claim: claimItem, parents_word: parentsWordItem, absence_notice: absenceItem };

/** Return what distinguishes an item from all others. */
export function keyOf({ kind, session, happened_at: at, claim, parents_word: word }) {
  return [kind, session.id, at, claim?.claim_id, word?.student_id].join();
}

/**
 * Make the list: `{ element, add }`. `add(items, { isFirst })` takes items of `/api/inbox`, and returns their lines;
 * `isFirst` puts them above those that are shown. `open(sessionId)` shows a lesson;
 * `onSettled(sessionId)` is called after an answer, when the next item has the focus. Failures are said by
 * `notice`; `signal` is the view's.
 */
export function waitingItems({ identity, notice, signal, open, onSettled = () => {} }) {
  const list = element("ul", { class: "waiting-items" });
  /** What looks again whether an item still waits, by its line. */
  const checks = new Map();

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

  /** Show what became of an item, where it stood, and go on to the next one if the person was in this one. */
  function close(line, answer) {
    const hadFocus = line.contains(document.activeElement);
    checks.delete(line);
    line.setAttribute("data-settled", "");
    line.replaceChildren(...answer);
    if (hadFocus) focusNext(line);
  }

  function settle(line, sessionId, answer) {
    if (signal.aborted) return;
    close(line, answer);
    announceChange(sessionId);
    onSettled(sessionId);
  }

  /** Look again at the items of a session that something else has changed. */
  async function check(sessionId) {
    const own = [...checks].filter(([, { id }]) => id === sessionId);
    for (const [line, { look }] of own) {
      const answer = await look().catch(() => null);
      if (!answer || signal.aborted || !checks.has(line)) continue;
      close(line, answer);
      onSettled(sessionId);
    }
  }

  function lineOf(item) {
    const make = MAKERS[item.kind];
    if (!make) return null;
    const line = element("li", { class: `waiting-item ${item.kind}`, tabindex: -1 });
    const settleIt = (answer) => settle(line, item.session.id, answer);
    const { content, look } = make(item, { identity, attempt, call, signal, open, settle: settleIt });
    line.append(...content.flat());
    if (look) checks.set(line, { id: item.session.id, look });
    return line;
  }

  onChange(check, signal);

  return {
    element: list,
    add(items, { isFirst = false } = {}) {
      const lines = items.map(lineOf).filter(Boolean);
      if (isFirst) list.prepend(...lines);
      else list.append(...lines);
      return lines;
    },
  };
}

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
 * Make the list: `{ element, add, compare }`. `add(items, { isFirst })` takes items of `/api/inbox`, and returns their
 * lines; `isFirst` puts them above those that are shown. `compare(answer)` takes the newest items that wait as the API
 * answered, and looks what became of those that are no longer among them. `open(sessionId)` shows a lesson;
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

  /** Show what became of an item, where it stood. Returns whether the person was in it. */
  function close(line, answer) {
    const hadFocus = line.contains(document.activeElement);
    checks.delete(line);
    line.setAttribute("data-settled", "");
    line.replaceChildren(...answer);
    return hadFocus;
  }

  function settle(line, sessionId, answer) {
    if (signal.aborted) return;
    if (close(line, answer)) focusNext(line);
    announceChange(sessionId);
    onSettled(sessionId);
  }

  /** Look again at items, which something else may have settled. What is read below them keeps its place. */
  async function lookAgain(looked) {
    for (const [line, { id, look }] of looked) {
      const answer = await look().catch(() => null);
      if (!answer || signal.aborted || !checks.has(line)) continue;
      line.style.minBlockSize = `${line.getBoundingClientRect().height}px`;
      if (close(line, answer)) line.focus({ preventScroll: true });
      onSettled(id);
    }
  }

  /** Look again at the items of a session that something else has changed. */
  function check(sessionId) {
    return lookAgain([...checks].filter(([, { id }]) => id === sessionId));
  }

  /** Look again at the items that are no longer among the newest that wait, as far back as those go. */
  function compare({ items, next_page_token: hasMore }) {
    const waiting = new Set(items.map(keyOf));
    const oldest = hasMore ? Math.min(...items.map(({ happened_at: at }) => Date.parse(at))) : 0;
    const isGone = ([, { key, at }]) => !waiting.has(key) && at >= oldest;
    return lookAgain([...checks].filter(isGone));
  }

  function lineOf(item) {
    const make = MAKERS[item.kind];
    if (!make) return null;
    const line = element("li", { class: `waiting-item ${item.kind}`, tabindex: -1 });
    const settleIt = (answer) => settle(line, item.session.id, answer);
    const { content, look } = make(item, { identity, attempt, call, signal, open, settle: settleIt });
    line.append(...content.flat());
    if (look) checks.set(line, { id: item.session.id, key: keyOf(item), at: Date.parse(item.happened_at), look });
    return line;
  }

  onChange(check, signal);

  return {
    element: list,
    compare,
    add(items, { isFirst = false } = {}) {
      const lines = items.map(lineOf).filter(Boolean);
      if (isFirst) list.prepend(...lines);
      else list.append(...lines);
      return lines;
    },
  };
}

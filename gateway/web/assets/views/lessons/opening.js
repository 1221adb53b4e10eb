// Opening the review of a lesson over or beside a list, at an address of its own, and going back to the list.

import { lazyView } from "../../loading.js";
import { text } from "../../localization.js";
import { canUndo, UNDO_SECONDS } from "../../undo.js";
import { savedSentence } from "./saved.js";

/** Loads the review itself. */
export const loadReview = lazyView(() => import("../lesson/panel.js"), "lesson");

function isPlainClick({ button, ctrlKey, metaKey, shiftKey, altKey }) {
  return button === 0 && !(ctrlKey || metaKey || shiftKey || altKey);
}

/**
 * Make what opens lessons of a `list` (list.js): `show(sessionId, visit)`, with the id in the address or none.
 * `listAddress()` is the address of the list, `place` an element beside the list.
 */
export function opening({ list, listAddress, place }) {
  let openId = null;
  /** Whether the browser's back button leads from the open lesson to the list. */
  let cameFromList = false;
  /** What to say once the review is closed and the list is visible again. */
  let saved = null;

  // From one open lesson to the next is no step back through all of them.
  list.element.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || openId === null || !isPlainClick(event)) return;
    event.preventDefault();
    location.replace(link.href);
  });

  function backToList() {
    if (cameFromList) history.back();
    else location.replace(listAddress());
    cameFromList = false;
  }

  async function load(visit, again) {
    const { signal, notice } = visit;
    try {
      const module = await loadReview();
      return signal.aborted ? null : module;
    } catch {
      if (signal.aborted) return null;
      if (navigator.onLine) notice.warn({ message: text("shell.renewed") }, () => location.reload());
      else notice.warn({ message: text("problems.offline") }, again);
      return null;
    }
  }

  async function open(sessionId, visit) {
    const { signal, identity } = visit;
    const review = await load(visit, () => open(sessionId, visit));
    await review?.openLesson(sessionId, {
      identity,
      signal,
      place,
      onDecided(session) {
        list.decided(session, canUndo);
        saved = session;
      },
      onChanged: list.update,
      onClosed() {
        if (!signal.aborted) backToList();
        list.lines.setOpen(null);
        list.lines.focus(sessionId);
      },
    });
  }

  function sayWhatWasSaved({ notice, identity }) {
    if (!saved) return;
    const entry = list.entries.get(saved.id);
    const action = entry?.isUndoable
      ? { label: text("common.undo"), run: () => list.act((acts) => acts.undo([entry])) }
      : null;
    notice.say(savedSentence(saved, identity), { action, seconds: UNDO_SECONDS });
    saved = null;
  }

  return {
    show(sessionId, visit) {
      if (openId === null) cameFromList = Boolean(sessionId) && visit.again;
      openId = sessionId ? Number(sessionId) : null;
      list.lines.setOpen(openId);
      if (openId !== null) return open(openId, visit);
      sayWhatWasSaved(visit);
      return undefined;
    },
  };
}

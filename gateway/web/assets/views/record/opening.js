// Opening a lesson over or beside a record, at an address of its own, and going back to the record.

import { announceChange } from "../../changes.js";
import { openLesson } from "../lesson/panel.js";

/**
 * Make `{ show(sessionId, visit), go(sessionId) }`: the one shows the lesson that the address names, or none; the other
 * changes the address to a lesson's. `base` is the address of the record, `list` holds the links to lessons, `place` is an
 * element beside it; `onClosed(sessionId)` is called when a lesson is closed.
 */
export function opening({ base, list, place, onClosed }) {
  let openId = null;
  /** Whether the browser's back button leads from the open lesson to the record. */
  let cameFromRecord = false;

  // From one open lesson to the next is no step back through all of them.
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || openId === null || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    location.replace(link.href);
  });

  function back() {
    if (cameFromRecord) history.back();
    else location.replace(base);
    cameFromRecord = false;
  }

  return {
    show(sessionId, { identity, signal, again }) {
      if (openId === null) cameFromRecord = Boolean(sessionId) && again;
      openId = sessionId ? Number(sessionId) : null;
      if (openId === null) return undefined;
      return openLesson(openId, {
        identity,
        signal,
        place,
        onDecided: ({ id }) => announceChange(id),
        onChanged: ({ id }) => announceChange(id),
        onClosed() {
          if (!signal.aborted) back();
          onClosed(Number(sessionId));
        },
      });
    },
    go(sessionId) {
      const address = `${base}/${sessionId}`;
      if (openId === null) location.hash = address;
      else location.replace(address);
    },
  };
}

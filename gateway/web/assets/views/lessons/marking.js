// What is done about lessons right on their lines, and what changes about them meanwhile.

import { text } from "../../localization.js";
import { undo as takeBack } from "../../undo.js";
import { accept, readAgain } from "./acceptance.js";
import { isMarked } from "./state.js";

/** Reasons of refusals after which a line is out of date. */
const CHANGED = new Set([
  "ALREADY_MARKED",
  "ATTENDANCE_CHANGED",
  "CLAIM_WAITS",
  "NOTHING_TO_WITHDRAW",
  "SESSION_CANCELLED",
  "SESSION_CHANGED",
  "SUGGESTION_CHANGED",
  "SUGGESTION_PROVISIONAL",
]);

/**
 * Make what acts on `lines`: `{ write, accept, undo, refresh, isWriting }`. `say(sentence)` is heard by those who don't
 * see the lines; `onChanged()` is called after something has changed.
 */
export function marking({ lines, notice, say, onChanged }) {
  const { entries } = lines;
  const writing = new Set();

  /** Read a lesson again, and show it; `problem` says why it had to be. */
  async function refresh(entry, { reason = "", problem = null, signal } = {}) {
    const newer = await readAgain(entry.session.id, { reason, signal });
    if (entries.get(newer.id) !== entry) return;
    // What was written here, or in the review beside the list, is shown already.
    if (entry.isDone && newer.attendance_etag === entry.session.attendance_etag) entry.session = newer;
    else lines.replace(entry, newer, { problem });
    onChanged();
  }

  async function explain(some, failure, again) {
    notice.warn(failure, again);
    if (!CHANGED.has(failure.reason)) return;
    const { reason, message } = failure;
    await Promise.all(some.map((entry) => refresh(entry, { reason, problem: message }))).catch(() => {});
  }

  /** Do something that writes about these lessons, and say where it failed; `again` tries it once more. */
  async function write(some, work, again) {
    const ids = some.map(({ session }) => session.id);
    for (const id of ids) writing.add(id);
    // Its "Undo" would take back something else than what was done last.
    notice.clearSaid();
    try {
      await work();
    } catch (failure) {
      await explain(some, failure, again);
    } finally {
      for (const id of ids) writing.delete(id);
      onChanged();
    }
  }

  async function acceptOne(entry) {
    const { id, course_name: course } = entry.session;
    if (writing.has(id)) return;
    await write(
      [entry],
      async () => {
        lines.showMarked(entry, await accept(entry.session));
        say(text("lessons.accepted", { course }));
      },
      () => acceptOne(entry),
    );
  }

  async function undoOne(entry) {
    const { course_name: course } = entry.session;
    lines.replace(entry, await takeBack(entry.before, entry.session));
    say(text(isMarked(entry.session) ? "lessons.asBefore" : "lessons.undone", { course }));
  }

  /** Take back what was marked here a moment ago. */
  async function undo(some) {
    const left = some.filter((entry) => entry.isDone && entry.isUndoable && !writing.has(entry.session.id));
    for (const entry of left) {
      await write(
        [entry],
        () => undoOne(entry),
        () => undo([entry]),
      );
    }
  }

  return { write, accept: acceptOne, undo, refresh, isWriting: (id) => writing.has(id) };
}

// Accepts many suggestions at once, and says what came of it.

import { tallyInWords } from "../../components.js";
import { hasText, number, text } from "../../localization.js";
import { UNDO_SECONDS } from "../../undo.js";
import { acceptMany } from "./acceptance.js";
import { savedSentence } from "./saved.js";
import { suggestedStatuses } from "./state.js";

/** Write why a lesson stays as it is. */
function reasonInWords({ reason, message }) {
  const key = `lessons.apply.reasons.${reason}`;
  return hasText(key) ? text(key) : message;
}

/** Write what was marked, and so what "Undo" takes back: a single lesson by its name. */
function writtenInWords(written, identity) {
  if (written.length === 1) return savedSentence(written[0], identity);
  const sentence = text("lessons.apply.written", { count: written.length });
  if (!written.length) return sentence;
  return `${sentence} ${text("lessons.apply.as", { outcome: tallyInWords(written.flatMap(suggestedStatuses)) })}`;
}

/**
 * Accept what is suggested about `sessions`, which are on lines of `list`; `acts` is what can be done about those, and
 * `identity` who does it.
 */
export async function acceptAll(sessions, { identity, list, acts, notice, onDone }) {
  function entriesOf(sessions) {
    return sessions.map(({ id }) => list.entries.get(id)).filter(Boolean);
  }

  function sayDone(written, left) {
    const rest = left.length ? text("lessons.apply.left", { left: number(left.length) }) : "";
    const message = `${writtenInWords(written, identity)} ${rest}`.trim();
    const action = { label: text("common.undo"), run: () => acts.undo(entriesOf(written)) };
    notice.say(message, { action: written.length ? action : null, seconds: UNDO_SECONDS });
  }

  /** What was written is shown at once, also where the rest then fails. */
  function showStep(writer, shown) {
    for (const session of writer.written.slice(shown)) {
      const entry = list.entries.get(session.id);
      if (entry) list.lines.showMarked(entry, session);
    }
  }

  async function carryOut(writer) {
    await acts.write(
      entriesOf([...writer.pending.values()]),
      async () => {
        while (writer.pending.size) {
          const shown = writer.written.length;
          if (shown) notice.say(text("lessons.apply.writing", { done: shown, count: shown + writer.pending.size }));
          await writer.step();
          showStep(writer, shown);
        }
      },
      () => carryOut(writer),
    );
    for (const one of writer.left) {
      const entry = list.entries.get(one.session.id);
      if (entry) await acts.refresh(entry, { reason: one.reason, problem: reasonInWords(one) }).catch(() => {});
    }
    if (writer.pending.size) return;
    sayDone(writer.written, writer.left);
    onDone();
  }

  await carryOut(acceptMany(sessions));
}

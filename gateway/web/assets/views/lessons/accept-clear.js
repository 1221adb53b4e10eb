// The button that accepts all clear suggestions of what is listed: what it says, and what it does.

import { button, element } from "../../components.js";
import { hasText, number, text } from "../../localization.js";
import { acceptMany } from "./acceptance.js";
import { isClear } from "./state.js";

const UNDO_SECONDS = 10;
const EXPLAINED = "accept-clear-explained";

/** Write why a lesson stays as it is. */
function reasonInWords({ reason, message }) {
  const key = `lessons.apply.reasons.${reason}`;
  return hasText(key) ? text(key) : message;
}

/**
 * Make the button: `{ element, show(sessions), explanation }`. `show` gets the lessons that are listed and not marked:
 * the button accepts exactly those of them whose suggestion is clear, and says how many they are. `onDone()` is called
 * after it has.
 */
export function acceptClearButton({ list, notice, onDone = () => {}, isPrimary = true }) {
  let clear = [];
  const control = button("", run, {
    class: isPrimary ? "primary accept-clear" : "accept-clear",
    hidden: true,
    "aria-describedby": EXPLAINED,
  });
  const explanation = element("p", { class: "unseen", id: EXPLAINED });

  function entriesOf(sessions) {
    return sessions.map(({ id }) => list.entries.get(id)).filter(Boolean);
  }

  function sayDone(written, left) {
    const message = left.length
      ? text("lessons.apply.writtenAndLeft", { count: written.length, left: number(left.length) })
      : text("lessons.apply.written", { count: written.length });
    const action = { label: text("lessons.undo"), run: () => list.acts.undo(entriesOf(written)) };
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
    await list.acts.write(
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
      if (entry) await list.acts.refresh(entry, { reason: one.reason, problem: reasonInWords(one) }).catch(() => {});
    }
    if (writer.pending.size) return;
    sayDone(writer.written, writer.left);
    onDone();
  }

  async function run() {
    await carryOut(acceptMany(clear));
  }

  return {
    element: control,
    explanation,
    show(sessions) {
      clear = sessions.filter(isClear);
      control.hidden = clear.length === 0;
      control.textContent = text("lessons.acceptClear", { count: clear.length });
      explanation.textContent = text("lessons.acceptClearExplained", { count: clear.length });
    },
    get count() {
      return clear.length;
    },
  };
}

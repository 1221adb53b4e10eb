// Excusing an absence, with the reason.

import { element } from "../../components.js";
import { text } from "../../localization.js";

/** What the API takes (docs/api.md, MarkAttendance). */
const MAX_CHARACTERS = 2000;

/**
 * Make the field about the person `name`. It is hidden unless `offer(isAbsent)` says that the person is absent.
 * `show({ excused, reason })` shows what is stored; `change()` returns the fields `excused` and `excuse_reason` as far as
 * they differ from that, or null; `reset()` goes back to it. `onchange()` is called at each change.
 */
export function excuseField(name, onchange) {
  let stored = { excused: false, reason: "" };
  const box = element("input", { type: "checkbox", onchange: changed });
  const reason = element("input", {
    type: "text",
    id: `${name}-excuse`,
    maxlength: MAX_CHARACTERS,
    placeholder: text("lesson.excuse.reason"),
    oninput: onchange,
  });
  const reasonLabel = element("label", { for: reason.id, class: "unseen", hidden: true }, text("lesson.excuse.reason"));
  const place = element(
    "div",
    { class: "excuse", hidden: true },
    element("label", {}, box, text("lesson.excuse.excused")),
    reasonLabel,
    reason,
  );
  const isDifferent = () => box.checked !== stored.excused || (box.checked && reason.value.trim() !== stored.reason);

  function fold() {
    reasonLabel.hidden = !box.checked;
    reason.hidden = !box.checked;
  }

  function changed() {
    fold();
    onchange();
  }

  function fill({ excused, reason: why }) {
    box.checked = excused;
    reason.value = why;
    fold();
  }

  fold();
  return {
    element: place,
    isTyped: isDifferent,
    offer(isAbsent) {
      place.hidden = !isAbsent;
    },
    show({ excused = false, reason: why = "" }) {
      const keeps = isDifferent();
      stored = { excused, reason: why };
      if (!keeps) fill(stored);
    },
    change() {
      if (place.hidden || !isDifferent()) return null;
      return box.checked ? { excused: true, excuse_reason: reason.value.trim() } : { excused: false };
    },
    draft: () => (isDifferent() ? { excused: box.checked, reason: reason.value } : null),
    restore: fill,
    reset: () => fill(stored),
  };
}

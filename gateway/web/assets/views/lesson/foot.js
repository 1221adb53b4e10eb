// The foot of a review: messages, and the one button that says what it will do.

import { button, element, icon } from "../../components.js";
import { text } from "../../localization.js";

/**
 * Make the foot. `show({ hint, mayDecide, isOpen, isRecorded, label, opening, mayWithdraw, mayCancel })` shows the buttons as they are
 * now, and why there are none. `notice` is the place of messages: above the buttons, so that none is covered.
 */
export function reviewFoot({ notice, isParents, onDecide, onOpen, onCancel, onWithdraw }) {
  const decide = button("", onDecide, { type: "submit", class: "primary decide" });
  const open = button("", onOpen);
  const cancel = button(text("common.cancel"), onCancel);
  const withdraw = button([icon("undo"), text(isParents ? "record.takeBack" : "lesson.withdrawal.open")], onWithdraw, {
    class: "plain",
  });
  const actions = element("div", { class: "actions" }, decide, open, cancel, withdraw);
  const whyNot = element("p", { class: "hint" });
  return {
    element: element("div", { class: "foot" }, notice, whyNot, actions),
    focus: () => (decide.hidden ? open : decide).focus(),
    show({ hint, mayDecide, isOpen, isRecorded, label, opening, mayWithdraw, mayCancel }) {
      whyNot.textContent = hint ?? "";
      decide.hidden = !(mayDecide && isOpen);
      decide.textContent = label;
      open.hidden = !mayDecide || isOpen;
      open.textContent = opening;
      open.classList.toggle("primary", isRecorded);
      cancel.hidden = decide.hidden || !mayCancel;
      withdraw.hidden = !mayWithdraw;
      actions.hidden = [decide, open, cancel, withdraw].every(({ hidden }) => hidden);
    },
  };
}

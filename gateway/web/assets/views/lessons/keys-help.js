// Which keys there are, for those who like them.

import { element, iconButton } from "../../components.js";
import { text } from "../../localization.js";

const ID = "keys-help";
const KEYS = [
  ["j", "next"],
  ["k", "previous"],
  ["Enter", "review"],
  ["a", "accept"],
  ["u", "undo"],
  ["/", "search"],
];

/** Make the button, with what it shows: `[button, popover]`. */
export function keysHelp() {
  const list = KEYS.map(([key, word]) => [
    element("dt", {}, element("kbd", {}, key)),
    element("dd", {}, text(`toMark.keys.${word}`)),
  ]);
  const popover = element(
    "div",
    { id: ID, class: "keys-help", popover: true, role: "dialog", "aria-label": text("toMark.keys.open") },
    element("strong", {}, text("toMark.keys.open")),
    element("dl", {}, list),
    element("p", { class: "quiet small" }, text("toMark.keys.none")),
  );
  const open = iconButton("info", text("toMark.keys.open"), () => {}, { popovertarget: ID });
  return [open, popover];
}

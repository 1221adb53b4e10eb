// Which keys there are, for those who like them.

import { element } from "../../components.js";
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

function makeHelp() {
  const list = KEYS.map(([key, word]) => [
    element("dt", {}, element("kbd", {}, key)),
    element("dd", {}, text(word === "undo" ? "common.undo" : `toMark.keys.${word}`)),
  ]);
  return element(
    "div",
    { id: ID, class: "keys-help", popover: "auto", role: "dialog", "aria-label": text("toMark.keys.open") },
    element("strong", {}, text("toMark.keys.open")),
    element("dl", {}, list),
    element("p", { class: "quiet small" }, text("toMark.keys.none")),
  );
}

/** Show them beside the `opener`, or no more. */
export function showKeys(opener) {
  if (!document.getElementById(ID)) opener.after(makeHelp());
  document.getElementById(ID).togglePopover({ source: opener });
}

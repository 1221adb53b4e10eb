// What the viewer leaves out for people who don't see it or don't use a pointer.

import { text } from "../strings/index.js";

/** Controls that show a picture alone, or have their label elsewhere. */
const NAMES = {
  ".body-param__text": "documentation.body",
  ".close-modal": "documentation.close",
  ".copy-to-clipboard > button": "documentation.copy",
  ".examples-select-element": "documentation.example",
  ".model-box-control:has(> .model-toggle:only-child)": "documentation.schema",
};
/** Boxes that scroll: the keyboard has to get there. */
const SCROLLING = ".microlight, .curl";

function mend(root) {
  for (const [selector, key] of Object.entries(NAMES)) {
    for (const control of root.querySelectorAll(`${selector}:not([aria-label])`)) control.setAttribute("aria-label", text(key));
  }
  for (const box of root.querySelectorAll(`:is(${SCROLLING}):not([tabindex])`)) box.tabIndex = 0;
}

/** Mend what the viewer shows, now and whenever it shows something else. */
export function keepAccessible(root) {
  new MutationObserver(() => mend(root)).observe(root, { childList: true, subtree: true });
}

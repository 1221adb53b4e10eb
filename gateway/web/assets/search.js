// The search field of the header, for those who look for lessons. "/" leads there, or to the search of the view.

import { element, icon } from "./elements.js";
import { text } from "./localization.js";
import { address } from "./routes.js";

const KEY = "/";
const TYPED_IN = "input, select, textarea, [contenteditable]";

function isTyping({ target }) {
  return target instanceof Element && target.matches(TYPED_IN);
}

/** Make the form with the field. It is shown where it is put; the view of lessons has a search of its own. */
export function headerSearch() {
  const field = element("input", {
    type: "search",
    name: "search",
    "aria-label": text("shell.search"),
    "aria-keyshortcuts": KEY,
    placeholder: text("shell.search"),
    autocomplete: "off",
  });
  const form = element(
    "form",
    { role: "search" },
    icon("search"),
    field,
    element("kbd", { "aria-hidden": "true" }, KEY),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const search = field.value.trim();
    field.value = "";
    location.hash = address("/lessons", { search });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== KEY || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (document.querySelector("dialog[open]")) return;
    const target = form.isConnected ? field : document.querySelector('main input[type="search"]');
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
  return form;
}

// The search above the lessons to mark, and which of them are shown.

import { button, element, icon } from "../../components.js";
import { text } from "../../localization.js";
import { isFiltered, KINDS, MAX_SEARCH_CHARACTERS, NO_FILTERS } from "./filters.js";

/** A longer pause in typing means that the word is complete. */
const TYPING_PAUSE_MS = 300;
const NAME = "to-mark-show";

/** Make the form: `{ element, show(filters) }`. `onChange(filters, { typed })` is called when filters change. */
export function findForm({ onChange }) {
  let typing = null;
  const search = element("input", {
    type: "search",
    name: "search",
    maxlength: MAX_SEARCH_CHARACTERS,
    autocomplete: "off",
    "aria-label": text("toMark.search"),
    placeholder: text("toMark.search"),
  });
  const choices = KINDS.map((kind) => element("input", { type: "radio", name: NAME, value: kind }));
  const segments = choices.map((choice, index) =>
    element("label", {}, choice, text(`toMark.show.${KINDS[index] || "all"}`)),
  );
  const clear = button(text("lessons.clear"), () => apply(NO_FILTERS), { class: "plain small", hidden: true });

  const current = () => ({
    search: search.value.trim(),
    show: choices.find(({ checked }) => checked)?.value ?? "",
  });
  function apply(filters, options = {}) {
    clearTimeout(typing);
    typing = null;
    onChange(filters, options);
  }
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => apply(current(), { typed: true }), TYPING_PAUSE_MS);
  });
  const form = element(
    "form",
    {
      class: "finding",
      role: "search",
      onsubmit(event) {
        event.preventDefault();
        apply(current());
      },
      onchange(event) {
        if (event.target !== search) apply(current());
      },
    },
    element("div", { class: "search-field" }, icon("search"), search),
    element(
      "fieldset",
      { class: "segments" },
      element("legend", { class: "unseen" }, text("toMark.show.legend")),
      segments,
    ),
    clear,
  );

  function show(filters) {
    // While the user types, the field is newer than the address.
    if (typing === null && search.value.trim() !== filters.search) search.value = filters.search;
    for (const choice of choices) choice.checked = choice.value === filters.show;
    clear.hidden = !isFiltered(filters);
  }

  show(NO_FILTERS);
  return { element: form, show };
}

// What of the lessons to mark is listed, as the address says it, and the form that changes it.

import { button, element, icon } from "../../components.js";
import { text } from "../../localization.js";
import { searchOf } from "../lessons/search-words.js";
import { isClear } from "../lessons/state.js";

/** What the API takes. */
const MAX_SEARCH_CHARACTERS = 100;
/** All, those whose suggestion is clear, and the others. */
const KINDS = ["", "clear", "look"];
export const NO_FILTERS = { search: "", show: "" };

/** Return the filters of an address's query; a value that makes no sense counts as empty. */
export function filtersOf(query) {
  const show = query.get("show") ?? "";
  return {
    search: (query.get("search") ?? "").trim().slice(0, MAX_SEARCH_CHARACTERS),
    show: KINDS.includes(show) ? show : "",
  };
}

/** Return the query of ListSessions for these filters. */
export function listQuery({ search }) {
  return { search: searchOf(search), attendance_filter: "to_mark", with_total_size: true };
}

/** Return whether a lesson is listed. */
export function includes(session, { show }) {
  return show === "" || isClear(session) === (show === "clear");
}

/** Return whether any filter is set. */
export function isFiltered({ search, show }) {
  return search !== "" || show !== "";
}

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

// What of the lessons to mark is listed, as the address says it. Pure.

import { isClear } from "../lessons/state.js";

/** What the API takes. */
export const MAX_SEARCH_CHARACTERS = 100;
/** All, those whose suggestion is clear, and the others. */
export const KINDS = ["", "clear", "look"];
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
  return { search, attendance_filter: "to_mark", with_total_size: true };
}

/** Return whether a lesson is listed. */
export function includes(session, { show }) {
  return show === "" || isClear(session) === (show === "clear");
}

/** Return whether any filter is set. */
export function isFiltered({ search, show }) {
  return search !== "" || show !== "";
}

// The filters of the list of sessions, as the address and the API name them. Pure.

import { searchOf } from "./search-words.js";

const STATUSES = ["scheduled", "in-progress", "completed", "cancelled", "missed"];
const ATTENDANCES = ["to_mark", "unmarked", "marked", "present", "late", "absent"];
/** The values of filters that are chosen from a list; none means all. */
export const CHOICES = { status: STATUSES, attendance: ATTENDANCES };
/** What the API takes. */
export const MAX_SEARCH_CHARACTERS = 100;
export const NO_FILTERS = { search: "", status: "", attendance: "", from: "", to: "" };
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function choice(name, value) {
  return CHOICES[name].includes(value) ? value : "";
}

function date(value) {
  return DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : "";
}

/** Return the filters of an address's query, each a string; a value that makes no sense counts as empty. */
export function filtersOf(query) {
  const value = (name) => query.get(name) ?? "";
  return {
    search: value("search").trim().slice(0, MAX_SEARCH_CHARACTERS),
    status: choice("status", value("status")),
    attendance: choice("attendance", value("attendance")),
    from: date(value("from")),
    to: date(value("to")),
  };
}

/** Return the query of ListSessions for these filters. */
export function listQuery({ search, status, attendance, from, to }) {
  return {
    search: searchOf(search),
    status_filter: status,
    attendance_filter: attendance,
    date_from: from,
    date_to: to,
  };
}

/** Return whether the last day lies before the first one. */
export function daysAreReversed({ from, to }) {
  return from !== "" && to !== "" && from > to;
}

/** Return how many filters are set. */
export function filterCount(filters) {
  return Object.values(filters).filter((value) => value !== "").length;
}

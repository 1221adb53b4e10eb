// What somebody looks for among the sessions, as the address and the API tell it.

const STATUSES = ["scheduled", "in-progress", "completed", "cancelled", "missed"];
const ATTENDANCES = ["unmarked", "marked", "present", "late", "absent"];
/** What a choice offers, by the name of its filter; an empty choice means all. */
export const CHOICES = { status: STATUSES, attendance: ATTENDANCES };
/** The longest search that the API takes. */
export const LONGEST_SEARCH = 100;
export const NO_FILTERS = { search: "", status: "", attendance: "", from: "", to: "" };
const A_DAY = /^\d{4}-\d{2}-\d{2}$/;

function choice(name, word) {
  return CHOICES[name].includes(word) ? word : "";
}

function date(word) {
  return A_DAY.test(word) && !Number.isNaN(Date.parse(word)) ? word : "";
}

/** Return the filters of an address's query, each a string; what is not understood counts as empty. */
export function filtersOf(query) {
  const word = (name) => query.get(name) ?? "";
  return {
    search: word("search").trim().slice(0, LONGEST_SEARCH),
    status: choice("status", word("status")),
    attendance: choice("attendance", word("attendance")),
    from: date(word("from")),
    to: date(word("to")),
  };
}

/** Return the query of ListSessions for these filters. */
export function asQuery({ search, status, attendance, from, to }) {
  return { search, status_filter: status, attendance_filter: attendance, date_from: from, date_to: to };
}

/** Tell whether the days can't be meant so: the last one lies before the first one. */
export function daysAreReversed({ from, to }) {
  return from !== "" && to !== "" && from > to;
}

/** Count the filters that leave something out. */
export function filterCount(filters) {
  return Object.values(filters).filter((value) => value !== "").length;
}

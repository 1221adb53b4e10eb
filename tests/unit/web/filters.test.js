import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  daysAreReversed,
  filterCount,
  filtersOf,
  listQuery,
  MAX_SEARCH_CHARACTERS,
  NO_FILTERS,
} from "../../../gateway/web/assets/views/lessons/filters.js";

const read = (query) => filtersOf(new URLSearchParams(query));

test("an address without a query has no filters", () => {
  assert.deepEqual(read(""), NO_FILTERS);
  assert.equal(filterCount(NO_FILTERS), 0);
});

test("filters are read from the address and sent under the names of the API", () => {
  const filters = read("search=%20maths%20&status=completed&attendance=late&from=2026-01-01&to=2026-01-31");
  assert.equal(filterCount(filters), 5);
  assert.deepEqual(listQuery(filters), {
    search: "maths",
    status_filter: "completed",
    attendance_filter: "late",
    date_from: "2026-01-01",
    date_to: "2026-01-31",
  });
});

for (const query of ["status=nonsense", "attendance=nonsense", "from=yesterday", "from=2026-13-01", "to=01.02.2026"]) {
  test(`${query} counts as no filter`, () => assert.deepEqual(read(query), NO_FILTERS));
}

test("a search is cut off at what the API takes", () => {
  assert.equal(read(`search=${"x".repeat(200)}`).search.length, MAX_SEARCH_CHARACTERS);
});

test("days are reversed only if both are given and the last lies before the first", () => {
  assert.equal(daysAreReversed({ from: "2026-02-02", to: "2026-02-01" }), true);
  assert.equal(daysAreReversed({ from: "2026-02-02", to: "2026-02-02" }), false);
  assert.equal(daysAreReversed({ from: "2026-02-02", to: "" }), false);
  assert.equal(daysAreReversed({ from: "", to: "2026-02-01" }), false);
});

test("a class is searched by the word that the API knows, in whatever case", () => {
  assert.equal(listQuery({ ...NO_FILTERS, search: "Group  haile" }).search, "group haile");
  assert.equal(listQuery({ ...NO_FILTERS, search: "grouping" }).search, "grouping");
});

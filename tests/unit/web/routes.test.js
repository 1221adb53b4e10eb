import assert from "node:assert/strict";
import { test } from "node:test";
import { address, entriesOf, resolve, routesOf } from "../../../gateway/web/assets/routes.js";

const pagesOf = (role) => routesOf(role).map(({ page }) => page);

test("each role sees its own pages", () => {
  assert.deepEqual(pagesOf("tutor"), [
    "toMark",
    "week",
    "lessons",
    "claims",
    "summary",
    "tutors",
    "students",
    "outcomes",
    "atRisk",
  ]);
  assert.deepEqual(pagesOf("admin"), [
    "lessons",
    "claims",
    "summary",
    "tutors",
    "students",
    "outcomes",
    "atRisk",
    "agreement",
    "policies",
  ]);
  assert.deepEqual(pagesOf("student"), ["record"]);
  assert.deepEqual(pagesOf("parent"), ["children"]);
  assert.deepEqual(pagesOf("service"), []);
  assert.deepEqual(pagesOf(undefined), []);
});

test("the navigation shows one entry for each section", () => {
  const pages = entriesOf("admin").map(({ page }) => page);
  assert.deepEqual(pages, ["lessons", "claims", "summary", "policies"]);
});

test("every path leads to its own page", () => {
  for (const { page, path, roles } of [...routesOf("admin"), ...routesOf("student"), ...routesOf("parent")]) {
    assert.equal(resolve(`#${path}`, roles[0]).route.page, page);
  }
});

test("addresses that reports had before lead to them", () => {
  assert.equal(resolve("#/reports/engagement", "tutor").route.page, "tutors");
  assert.deepEqual(resolve("#/reports/engagement", "tutor").parameters, [undefined, "engagement"]);
  assert.equal(resolve("#/reports/suggestions", "admin").route.page, "agreement");
});

test("an address is taken apart into route, parameters and query", () => {
  const { route, parameters, query } = resolve("#/lessons/12?status=completed", "tutor");
  assert.equal(route.page, "lessons");
  assert.deepEqual(parameters, ["12"]);
  assert.equal(query.get("status"), "completed");
});

test("a parameter that is left out is undefined", () => {
  assert.deepEqual(resolve("#/lessons", "tutor").parameters, [undefined]);
});

for (const fragment of ["", "#", "#/"]) {
  test(`"${fragment}" is the first page of the role`, () => {
    assert.equal(resolve(fragment, "parent").route.page, "children");
    assert.equal(resolve(fragment, "admin").route.page, "lessons");
  });
}

for (const [fragment, role] of [
  ["#/elsewhere", "tutor"],
  ["#/lessons/twelve", "tutor"],
  ["#/reports/suggestions", "tutor"],
  ["#/lessons", "student"],
  ["#/", undefined],
]) {
  test(`${fragment} is no page for ${role}`, () => {
    assert.equal(resolve(fragment, role).route, null);
    assert.deepEqual(resolve(fragment, role).parameters, []);
  });
}

test("an address leaves out what is empty and escapes the rest", () => {
  assert.equal(address("/lessons"), "#/lessons");
  assert.equal(address("/lessons", { search: "a b&c", status: "", from: null }), "#/lessons?search=a+b%26c");
});

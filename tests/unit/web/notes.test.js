import assert from "node:assert/strict";
import { test } from "node:test";

const { notesByWriter } = await import("../../../gateway/web/assets/views/claims/notes.js");

test("a parent's notes stand apart from those of the tutor", () => {
  assert.deepEqual(notesByWriter("Fractions\nParent: Fever\nsince Monday"), {
    staff: "Fractions",
    parent: "Fever\nsince Monday",
  });
  assert.deepEqual(notesByWriter("\nParent: Fever"), { staff: "", parent: "Fever" });
  assert.deepEqual(notesByWriter("Fractions"), { staff: "Fractions", parent: "" });
  assert.deepEqual(notesByWriter(undefined), { staff: "", parent: "" });
});

test("notes that came with a parent's report are the parent's", () => {
  assert.deepEqual(notesByWriter("Fever", "parent_reported"), { staff: "", parent: "Fever" });
  assert.equal(notesByWriter("Fractions\nParent: Fever", "parent_reported").staff, "Fractions");
});

test("a tutor who writes of a parent is not taken for one", () => {
  assert.equal(notesByWriter("I called; Parent: will call back").parent, "");
});

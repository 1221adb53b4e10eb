import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { newerThan } = await import("../../../gateway/web/assets/views/claims/kind-section.js");
const { keyOf } = await import("../../../gateway/web/assets/views/claims/waiting-items.js");
const item = (id, at) => ({ kind: "parents_word", session: { id }, happened_at: at, parents_word: { student_id: 28 } });
const [FIRST, SECOND, THIRD] = [item(1, "08:00"), item(2, "09:00"), item(3, "10:00")];

test("what is newer than all that is shown came meanwhile; what is older comes with the next page", () => {
  assert.deepEqual(newerThan(new Set([keyOf(SECOND)]), [THIRD, SECOND, FIRST]), [THIRD]);
  assert.deepEqual(newerThan(new Set([keyOf(THIRD)]), [THIRD, SECOND, FIRST]), []);
  assert.deepEqual(newerThan(new Set(), [SECOND, FIRST]), [SECOND, FIRST]);
});

test("the same lesson can wait twice", () => {
  assert.notEqual(keyOf(FIRST), keyOf(item(1, "11:00")));
});

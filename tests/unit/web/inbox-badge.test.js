import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { waitingInWords } = await import("../../../gateway/web/assets/inbox-badge.js");
const items = (...kinds) => ({ items: kinds.map((kind) => ({ kind })), next_page_token: "" });

test("claims and parents' words wait for an answer, announced absences do not", () => {
  assert.equal(waitingInWords(items("claim", "absence_notice", "parents_word")), "2");
  assert.equal(waitingInWords(items("absence_notice")), "");
  assert.equal(waitingInWords(items()), "");
});

test("if there are more than were counted, it says so", () => {
  assert.equal(waitingInWords({ ...items("claim"), next_page_token: "next" }), "1+");
});

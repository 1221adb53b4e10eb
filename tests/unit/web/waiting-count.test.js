import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { waitingInWords } = await import("../../../gateway/web/assets/waiting-count.js");
const items = (count, token = "") => ({ items: Array.from({ length: count }, () => ({})), next_page_token: token });

test("claims and parents' words wait together", () => {
  assert.equal(waitingInWords([items(2), items(1)]), "3");
  assert.equal(waitingInWords([items(0), items(0)]), "");
});

test("if there are more than were counted, it says so", () => {
  assert.equal(waitingInWords([items(50, "next"), items(1)]), "51+");
});

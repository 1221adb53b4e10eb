import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerWith, tokenOf } from "./page.js";

const { previewOf, writerOf } = await import("../../../gateway/web/assets/views/lessons/bulk-accept/calls.js");
const { signIn } = await import("../../../gateway/web/assets/identity.js");
const CHOSEN = Array.from({ length: 12 }, (_, index) => ({ session: { id: index + 1 }, etag: `e${index + 1}` }));

beforeEach(() => signIn(tokenOf({ sub: "101", role: "tutor" })));

function applied(...ids) {
  return { applied: ids.map((id) => ({ session_id: id })), not_applied: [] };
}

function refused(reason, ...ids) {
  return { applied: [], not_applied: ids.map((id) => ({ session_id: id, reason, message: reason })) };
}

test("a preview joins what would be written with the sessions, page by page", async () => {
  const outcome = { session_id: 1, etag: "e1", tutor_attendance_status: "present", student_attendance_status: "late" };
  const calls = answerWith(
    { applied: [outcome], not_applied: [{ session_id: 2, reason: "ALREADY_MARKED" }], next_page_token: "next" },
    { sessions: [{ id: 1 }], next_page_token: "" },
    { id: 2 },
    { applied: [], not_applied: [], next_page_token: "" },
  );
  const preview = previewOf();
  await preview.nextPage();
  assert.deepEqual(preview.suggested, [
    { session: { id: 1 }, etag: "e1", tutor: "present", student: "late", students: [] },
  ]);
  assert.deepEqual(preview.left, [{ session: { id: 2 }, reason: "ALREADY_MARKED", message: undefined }]);
  assert.equal(preview.hasMore, true);
  await preview.nextPage();
  assert.equal(preview.hasMore, false);
  assert.equal(preview.count, 2);
  assert.deepEqual(calls[0].body, { preview: true, page_token: "" });
  assert.deepEqual(calls[3].body, { preview: true, page_token: "next" });
});

test("sessions are written in batches until none is pending", async () => {
  const calls = answerWith(applied(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), applied(11, 12));
  const writer = writerOf(CHOSEN);
  await writer.step();
  assert.equal(writer.pending.size, 2);
  await writer.step();
  assert.equal(writer.pending.size, 0);
  assert.deepEqual(writer.written, CHOSEN);
  assert.deepEqual(calls[1].body.sessions, [
    { session_id: 11, etag: "e11" },
    { session_id: 12, etag: "e12" },
  ]);
});

test("a session that is refused is left, one that may pass stays pending", async () => {
  answerWith(refused("SUGGESTION_CHANGED", 1), refused("TRACKING_UNAVAILABLE", 2));
  const left = writerOf(CHOSEN.slice(0, 1));
  await left.step();
  assert.deepEqual(left.left, [{ session: { id: 1 }, reason: "SUGGESTION_CHANGED", message: "SUGGESTION_CHANGED" }]);
  const postponed = writerOf(CHOSEN.slice(1, 2));
  await assert.rejects(postponed.step(), { reason: "TRACKING_UNAVAILABLE", mayPass: true });
  assert.equal(postponed.pending.size, 1);
});

test("what was marked by an attempt whose answer was lost is perhaps ours", async () => {
  answerWith(new TypeError("Failed to fetch"), refused("ALREADY_MARKED", 1));
  const writer = writerOf(CHOSEN.slice(0, 1));
  await assert.rejects(writer.step(), { reason: "OFFLINE" });
  await writer.step();
  assert.equal(writer.left[0].reason, "PERHAPS_MARKED");
});

test("what another user marked is not counted as ours", async () => {
  answerWith({ status: 429, body: {} }, refused("ALREADY_MARKED", 1));
  const writer = writerOf(CHOSEN.slice(0, 1));
  await assert.rejects(writer.step(), { status: 429 });
  await writer.step();
  assert.equal(writer.left[0].reason, "ALREADY_MARKED");
});

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerWith, tokenOf } from "./page.js";

const { accept, acceptMany } = await import("../../../gateway/web/assets/views/lessons/acceptance.js");
const { signIn } = await import("../../../gateway/web/assets/identity.js");
const CHOSEN = Array.from({ length: 12 }, (_, index) => lesson(index + 1));

beforeEach(() => signIn(tokenOf({ sub: "101", role: "tutor" })));

function lesson(id) {
  const suggestion = { etag: `e${id}`, tutor_status_suggestion: "present", student_status_suggestion: "late" };
  return {
    id,
    attendance_etag: "before",
    suggestion: { ...suggestion, students: [{ student_id: 28, status_suggestion: "late" }] },
    students: [{ student_id: 28, name: "Sara Alemu" }],
  };
}

function applied(...ids) {
  return { applied: ids.map((id) => ({ session_id: id, attendance_etag: `a${id}` })), not_applied: [] };
}

function refused(reason, ...ids) {
  return { applied: [], not_applied: ids.map((id) => ({ session_id: id, reason, message: reason })) };
}

test("one is accepted as it was shown", async () => {
  const session = lesson(7);
  const calls = answerWith({ attendance_etag: "after" });
  const marked = await accept(session);
  assert.deepEqual(calls[0].body, { use_suggestion: true, etag: "e7", attendance_etag: "before" });
  assert.equal(marked.attendance_source, "whiteboard_auto");
  assert.equal(marked.student_attendance_status, "late");
  assert.deepEqual(
    marked.students.map(({ attendance_status: status }) => status),
    ["late"],
  );
});

test("sessions are written in batches until none is pending", async () => {
  const calls = answerWith(applied(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), applied(11, 12));
  const writer = acceptMany(CHOSEN);
  await writer.step();
  assert.equal(writer.pending.size, 2);
  await writer.step();
  assert.equal(writer.pending.size, 0);
  assert.deepEqual(
    writer.written.map(({ id, attendance_etag: etag }) => [id, etag]),
    CHOSEN.map(({ id }) => [id, `a${id}`]),
  );
  assert.deepEqual(calls[1].body.sessions, [
    { session_id: 11, etag: "e11" },
    { session_id: 12, etag: "e12" },
  ]);
});

test("a session that is refused is left, one that may pass stays pending", async () => {
  answerWith(refused("SUGGESTION_CHANGED", 1), refused("TRACKING_UNAVAILABLE", 2));
  const left = acceptMany(CHOSEN.slice(0, 1));
  await left.step();
  assert.deepEqual(left.left, [{ session: CHOSEN[0], reason: "SUGGESTION_CHANGED", message: "SUGGESTION_CHANGED" }]);
  const postponed = acceptMany(CHOSEN.slice(1, 2));
  await assert.rejects(postponed.step(), { reason: "TRACKING_UNAVAILABLE", mayPass: true });
  assert.equal(postponed.pending.size, 1);
});

test("what the person accepted already, as by a call whose answer was lost, is written", async () => {
  const own = { attendance_marked_by: 101, attendance_source: "whiteboard_auto", attendance_etag: "a1" };
  const calls = answerWith(refused("ALREADY_MARKED", 1), own);
  const writer = acceptMany(CHOSEN.slice(0, 1));
  await writer.step();
  assert.match(calls[1].url, /sessions\/1$/);
  assert.deepEqual(
    writer.written.map(({ id, attendance_etag: etag }) => [id, etag]),
    [[1, "a1"]],
  );
});

for (const other of [{ attendance_marked_by: 102 }, { attendance_source: "manual" }]) {
  test(`what is marked otherwise is left: ${JSON.stringify(other)}`, async () => {
    const own = { attendance_marked_by: 101, attendance_source: "whiteboard_auto" };
    answerWith(refused("ALREADY_MARKED", 1), { ...own, ...other });
    const writer = acceptMany(CHOSEN.slice(0, 1));
    await writer.step();
    assert.equal(writer.left[0].reason, "ALREADY_MARKED");
  });
}

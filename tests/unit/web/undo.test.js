import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerWith, tokenOf } from "./page.js";

const { canUndo, restoring, undo } = await import("../../../gateway/web/assets/undo.js");
const { signIn } = await import("../../../gateway/web/assets/identity.js");

beforeEach(() => signIn(tokenOf({ sub: "101", role: "tutor" })));

function lesson(source, tutor, student, fields = {}) {
  const sara = { student_id: 28, attendance_status: student, attendance_source: source, excused: false };
  return {
    id: 7,
    attendance_etag: `${tutor}-${student}`,
    attendance_source: source,
    tutor_attendance_source: source,
    tutor_attendance_status: tutor,
    tutor_excused: false,
    students: [{ ...sara, ...fields }],
  };
}

const UNMARKED = lesson("system_default", "present", undefined);
const MARKED = lesson("whiteboard_auto", "present", "late");
const ABSENT = lesson("manual", "present", "absent", { excused: true, excuse_reason: "Fever" });

test("what nobody had marked is withdrawn, as it was written", async () => {
  const calls = answerWith({ session: { attendance_etag: "again" } });
  assert.equal(canUndo(UNMARKED, MARKED), true);
  const back = await undo(UNMARKED, MARKED);
  assert.match(calls[0].url, /sessions\/7\/attendance:withdraw$/);
  assert.deepEqual(calls[0].body, { attendance_etag: "present-late" });
  assert.deepEqual(back, { ...UNMARKED, attendance_etag: "again" });
});

test("what was changed is marked as before, only where it differs, and read again", async () => {
  const calls = answerWith({}, MARKED);
  assert.equal(canUndo(MARKED, lesson("manual", "present", "absent")), true);
  await undo(MARKED, lesson("manual", "present", "absent"));
  assert.deepEqual(calls[0].body, {
    students: [{ student_id: 28, status: "late" }],
    attendance_etag: "present-absent",
  });
  assert.equal(calls[1].method, "GET");
});

test("an excuse and a note come back with the status", () => {
  assert.deepEqual(restoring(ABSENT, MARKED).students, [
    { student_id: 28, status: "absent", excused: true, excuse_reason: "Fever" },
  ]);
  const noted = lesson("manual", "present", "absent", { note: "A new note" });
  assert.deepEqual(restoring(lesson("manual", "present", "absent"), noted).students, [{ student_id: 28, note: "" }]);
});

test("what can't be sent again is not offered: an unknown word, a person who was not marked, a parent's notes", () => {
  const partly = { ...MARKED, tutor_attendance_source: "system_default" };
  assert.equal(canUndo(partly, lesson("manual", "late", "late")), false);
  assert.equal(canUndo(lesson("manual", "present", "sick"), MARKED), false);
  const noted = { ...MARKED, attendance_notes: "Late bus\nParent: It was" };
  assert.equal(canUndo(noted, { ...ABSENT, attendance_notes: "Another" }), false);
  assert.equal(canUndo(MARKED, MARKED), false);
});

import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { changesOf } = await import("../../../gateway/web/assets/views/lesson/changes.js");
const LESSON = { students: [{ student_id: 28, name: "Sara" }] };
const CLASS = { students: [...LESSON.students, { student_id: 29, name: "Yonas" }] };
const ABOUT_SARA = {
  student_id: 28,
  name: "Sara",
  status_before: "late",
  status_after: "absent",
  source_before: "manual",
};

test("a decision names the tutor, then each student", () => {
  const decision = {
    tutor_status_after: "late",
    students: [ABOUT_SARA, { student_id: 29, name: "Yonas", withdrawn: true }],
  };
  assert.deepEqual(
    changesOf(decision, CLASS).map(({ label, before, after, isWithdrawn }) => [label, before, after, isWithdrawn]),
    [
      ["Tutor", undefined, "late", undefined],
      ["Sara", "late", "absent", undefined],
      ["Yonas", undefined, undefined, true],
    ],
  );
});

test("the only student of a lesson is called by name", () => {
  const [change] = changesOf({ students: [ABOUT_SARA] }, LESSON);
  assert.equal(change.label, "Sara");
  assert.equal(change.changesStatus, true);
});

test("what a decision does not change is left out, but not a note or an excuse alone", () => {
  const noted = { student_id: 28, name: "Sara", note: "Ask her" };
  const changes = changesOf({ tutor_excused: true, tutor_excuse_reason: "a power cut", students: [noted] }, CLASS);
  assert.deepEqual(
    changes.map(({ label, changesStatus, excused, note }) => [label, changesStatus, excused, note]),
    [
      ["Tutor", false, true, undefined],
      ["Sara", false, undefined, "Ask her"],
    ],
  );
  assert.deepEqual(changesOf({ notes: "Rain", students: [] }, LESSON), []);
});

test("a decision about students whom no one knows is about them as a whole", () => {
  const [change] = changesOf({ student_status_before: "late", student_status_after: "present", students: [] }, LESSON);
  assert.deepEqual([change.person, change.before, change.after], ["student", "late", "present"]);
});

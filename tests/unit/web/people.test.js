import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { guestsOf, isGroupClass, isSubstitute, labelOf, peopleOf, recordsOf, suggestedFor } = await import(
  "../../../gateway/web/assets/views/lesson/people.js"
);
const SARA = { student_id: 28, name: "Sara" };
const LESSON = { status: "completed", tutor_name: "Abebe", student_name: "Sara", students: [SARA], whiteboard_id: 7 };
const CLASS = { ...LESSON, students: [SARA, { student_id: 29, name: "Yonas" }] };
const SUGGESTION = {
  has_whiteboard: true,
  students: [SARA],
  student_metrics: {},
  tutor_status_suggestion: "present",
  student_status_suggestion: "late",
};

test("several students are a class, also where only one of them may be seen", () => {
  assert.equal(isGroupClass(null, CLASS), true);
  assert.equal(isGroupClass(SUGGESTION, LESSON), false);
  assert.equal(isGroupClass({ ...SUGGESTION, student_metrics: undefined }, LESSON), true);
  assert.equal(isGroupClass({ has_whiteboard: false, students: [] }, LESSON), false);
  assert.equal(labelOf("student", CLASS), "Class");
});

test("the people of a suggestion are the tutor and the student, or the class and its students", () => {
  assert.deepEqual(
    peopleOf(SUGGESTION, LESSON).map(({ role, name, status }) => [role, name, status]),
    [
      ["Tutor", "Abebe", "present"],
      ["Student", "Sara", "late"],
    ],
  );
  const group = { ...SUGGESTION, students: CLASS.students.map((one) => ({ ...one, status_suggestion: "absent" })) };
  assert.deepEqual(
    peopleOf(group, CLASS).map(({ role, isClass = false }) => [role, isClass]),
    [
      ["Tutor", false],
      ["Class", true],
      ["Student", false],
      ["Student", false],
    ],
  );
});

test("a tutor who is not the judged one substitutes", () => {
  assert.equal(isSubstitute(102, { tutor_user_id: 101 }), true);
  assert.equal(isSubstitute(101, { tutor_user_id: 101 }), false);
  assert.equal(isSubstitute(101, {}), false);
});

test("guests are named as such", () => {
  const intervals = [{ started_at: "2026-03-09T10:00:00Z" }];
  assert.deepEqual(guestsOf({ guests: [{ name: "Hanna", user_type: "tutor", intervals }] }), [
    { name: "Hanna (guest)", intervals, activity: [] },
  ]);
});

test("what is recorded is the tutor's status and each student's own", () => {
  const sara = {
    ...SARA,
    attendance_status: "absent",
    attendance_source: "manual",
    excused: true,
    excuse_reason: "fever",
  };
  const yonas = { student_id: 29, name: "Yonas", attendance_source: "system_default", note: "Ask him" };
  const session = { students: [sara, yonas], tutor_attendance_status: "late", tutor_attendance_source: "manual" };
  assert.deepEqual(
    recordsOf(session).map(({ label, status, excused = false, note }) => [label, status, excused, note]),
    [
      ["Tutor", "late", false, undefined],
      ["Sara", "absent", true, undefined],
      ["Yonas", undefined, false, "Ask him"],
    ],
  );
  assert.equal(recordsOf({ ...session, students: [sara] })[1].label, "Student");
  const unknown = recordsOf({
    students: [],
    student_attendance_status: "late",
    student_attendance_source: "manual",
  })[1];
  assert.deepEqual([unknown.status, unknown.source], ["late", "manual"]);
});

test("a suggestion about a student is offered only if it can be accepted", () => {
  const student = { student_id: 28, status_suggestion: "late", reasons: ["late"] };
  const suggestion = { has_whiteboard: true, provisional: false, students: [student] };
  assert.equal(suggestedFor(28, suggestion), "late");
  assert.equal(suggestedFor(29, suggestion), null);
  assert.equal(suggestedFor(28, null), null);
  assert.equal(suggestedFor(28, { ...suggestion, provisional: true }), null);
  assert.equal(suggestedFor(28, { ...suggestion, students: [{ ...student, reasons: ["cannot_know"] }] }), null);
});

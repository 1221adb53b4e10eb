import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { isGroupClass, labelOf, peopleOf, permissionsOf } = await import(
  "../../../gateway/web/assets/views/session/people.js"
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

test("tutors and admins decide on both", () => {
  for (const role of ["tutor", "admin"]) {
    const { accepts, marks, hint } = permissionsOf(role, LESSON);
    assert.deepEqual([accepts, marks, hint], [true, ["tutor", "student"], null]);
  }
});

test("a parent reports a child, but not one of a class", () => {
  assert.deepEqual(permissionsOf("parent", LESSON).marks, ["student"]);
  const ofClass = permissionsOf("parent", CLASS);
  assert.deepEqual(ofClass.marks, []);
  assert.match(ofClass.hint, /whole class/);
});

test("a student only reads, and no one decides on a cancelled lesson", () => {
  assert.deepEqual(permissionsOf("student", LESSON).marks, []);
  assert.deepEqual(permissionsOf("admin", { ...LESSON, status: "cancelled" }).marks, []);
});

test("no one decides on a lesson before it begins", () => {
  const inHours = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();
  for (const role of ["tutor", "parent", "admin"]) {
    const { accepts, marks, hint } = permissionsOf(role, { ...LESSON, scheduled_start: inHours(1) });
    assert.deepEqual([accepts, marks], [false, []]);
    assert.match(hint, /not begun/);
  }
  assert.equal(permissionsOf("tutor", { ...LESSON, scheduled_start: inHours(-1) }).accepts, true);
});

test("who is on the whiteboard is shown during the lesson, to those who may see it", () => {
  const running = { ...LESSON, status: "in-progress" };
  assert.equal(permissionsOf("student", running).watches, true);
  assert.equal(permissionsOf("parent", running).watches, false);
  assert.equal(permissionsOf("student", LESSON).watches, false);
  assert.equal(permissionsOf("student", { ...running, whiteboard_id: undefined }).watches, false);
});

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

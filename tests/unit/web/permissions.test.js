import "./view-words.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { permissionsOf, withdrawableBy } = await import("../../../gateway/web/assets/views/lesson/permissions.js");
const SARA = { student_id: 28, name: "Sara" };
const LESSON = { status: "completed", tutor_name: "Abebe", student_name: "Sara", students: [SARA], whiteboard_id: 7 };
const CLASS = { ...LESSON, students: [SARA, { student_id: 29, name: "Yonas" }] };

test("tutors and admins decide on both", () => {
  for (const role of ["tutor", "admin"]) {
    const { accepts, marks, hint } = permissionsOf(role, LESSON);
    assert.deepEqual([accepts, marks, hint], [true, ["tutor", "student"], null]);
  }
});

test("a parent reports a child, also one of a class", () => {
  for (const lesson of [LESSON, CLASS]) assert.deepEqual(permissionsOf("parent", lesson).marks, ["student"]);
});

test("tutors excuse students, admins also tutors, and parents no one", () => {
  assert.deepEqual(permissionsOf("tutor", CLASS).excuses, ["student"]);
  assert.deepEqual(permissionsOf("admin", LESSON).excuses, ["tutor", "student"]);
  assert.deepEqual(permissionsOf("parent", LESSON).excuses, []);
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
    assert.match(hint, /begins on .* mark it from then on/);
  }
  assert.equal(permissionsOf("tutor", { ...LESSON, scheduled_start: inHours(-1) }).accepts, true);
});

test("a lesson that is over by its schedule is over, whatever its status says", () => {
  const ended = { ...LESSON, status: "in-progress", scheduled_end: new Date(Date.now() - 60_000).toISOString() };
  const { isOver, watches, marks } = permissionsOf("tutor", {
    ...ended,
    scheduled_start: new Date(Date.now() - 3_600_000).toISOString(),
  });
  assert.deepEqual([isOver, watches, marks], [true, false, ["tutor", "student"]]);
});

test("who comes is shown shortly before a lesson, and not a day before", () => {
  const inMinutes = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
  const at = (start) => ({
    ...LESSON,
    status: "scheduled",
    scheduled_start: inMinutes(start),
    scheduled_end: inMinutes(start + 60),
  });
  assert.equal(permissionsOf("tutor", at(10)).watches, true);
  assert.equal(permissionsOf("tutor", at(24 * 60)).watches, false);
});

test("what an admin decided on everybody, others are not asked about, and they are told why", () => {
  const decided = {
    ...LESSON,
    tutor_attendance_source: "admin_override",
    students: [{ ...SARA, attendance_source: "admin_override" }],
  };
  for (const role of ["tutor", "parent"]) {
    const { marks, accepts, hint } = permissionsOf(role, decided);
    assert.deepEqual([marks, accepts], [[], false]);
    assert.match(hint, /An admin decided this/);
  }
  assert.deepEqual(permissionsOf("admin", decided).marks, ["tutor", "student"]);
  assert.deepEqual(permissionsOf("tutor", { ...decided, tutor_attendance_source: "manual" }).marks, [
    "tutor",
    "student",
  ]);
});

test("what a tutor marked, parents are not asked about, and they are told that they may object", () => {
  const markedBy = (source) => ({ ...LESSON, students: [{ ...SARA, attendance_source: source }] });
  const { marks, claims, hint } = permissionsOf("parent", markedBy("manual"));
  assert.deepEqual([marks, claims], [[], true]);
  assert.match(hint, /say so with “This is not right”: Abebe or an admin answers/);
  assert.deepEqual(permissionsOf("parent", markedBy("parent_reported")).marks, ["student"]);
});

test("who is on the whiteboard is shown during the lesson, to those who may see it", () => {
  const running = { ...LESSON, status: "in-progress" };
  assert.equal(permissionsOf("student", running).watches, true);
  assert.equal(permissionsOf("parent", running).watches, false);
  assert.equal(permissionsOf("student", LESSON).watches, false);
  assert.equal(permissionsOf("student", { ...running, whiteboard_id: undefined }).watches, false);
});

test("a mark is withdrawn by those who may take the decision", () => {
  const marked = (tutor, ...students) => ({
    tutor_attendance_source: tutor,
    students: students.map((source, index) => ({ student_id: index + 1, attendance_source: source })),
  });
  const whose = (role, session) => {
    const { tutor, students } = withdrawableBy(role, session);
    return [tutor, students.map(({ student_id: id }) => id)];
  };
  assert.deepEqual(whose("tutor", marked("manual", "parent_reported")), [true, [1]]);
  assert.deepEqual(whose("tutor", marked("admin_override", "manual", "admin_override")), [false, [1]]);
  assert.deepEqual(whose("admin", marked("admin_override", "system_default")), [true, []]);
  assert.deepEqual(whose("parent", marked("manual", "parent_reported", "manual")), [false, [1]]);
  assert.deepEqual(whose("parent", marked("manual", "manual")), [false, []]);
  assert.deepEqual(whose("student", marked("manual", "manual")), [false, []]);
});

test("an absence is announced before the lesson begins: by parents for a student, by tutors also for themselves", () => {
  const tomorrow = { ...LESSON, status: "scheduled", scheduled_start: new Date(Date.now() + 86_400_000).toISOString() };
  assert.deepEqual(permissionsOf("parent", tomorrow).announces, ["student"]);
  assert.deepEqual(permissionsOf("tutor", tomorrow).announces, ["tutor", "student"]);
  assert.deepEqual(permissionsOf("student", tomorrow).announces, []);
  assert.deepEqual(permissionsOf("parent", { ...tomorrow, status: "cancelled" }).announces, []);
  assert.deepEqual(permissionsOf("tutor", LESSON).announces, []);
});

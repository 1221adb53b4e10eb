import "./view-words.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { attendeesOf, guestsOf, isGroupClass, isSubstitute, shortName } = await import(
  "../../../gateway/web/assets/views/lesson/people.js"
);
const TUTOR = { role: "tutor", userId: 101 };
const ADMIN = { role: "admin", userId: 901 };
const SARA = { student_id: 28, user_id: 201, name: "Sara Alemu", attendance_source: "system_default" };
const YONAS = { ...SARA, student_id: 29, user_id: 202, name: "Yonas Girma" };
const LESSON = {
  tutor_name: "Abebe Kebede",
  tutor_user_id: 101,
  tutor_attendance_source: "system_default",
  student_name: "Sara Alemu",
  students: [SARA],
};
const CLASS = { ...LESSON, students: [SARA, YONAS] };
const SUGGESTION = {
  has_whiteboard: true,
  provisional: false,
  students: [{ ...SARA, status_suggestion: "late", reasons: ["late"] }],
  student_metrics: {},
  tutor_status_suggestion: "present",
  tutor_reasons: ["on_time"],
  student_status_suggestion: "late",
  student_reasons: ["late"],
};

test("several students are a class, also where only one of them may be seen", () => {
  assert.equal(isGroupClass(null, CLASS), true);
  assert.equal(isGroupClass(SUGGESTION, LESSON), false);
  assert.equal(isGroupClass({ ...SUGGESTION, student_metrics: undefined }, LESSON), true);
  const deleted = { ...SUGGESTION, student_metrics: undefined, student_reasons: ["late", "facts_deleted"] };
  assert.equal(isGroupClass(deleted, LESSON), false);
  assert.equal(isGroupClass({ has_whiteboard: false, students: [] }, LESSON), false);
});

test("the people of a lesson are the tutor and the students, with what is suggested about each", () => {
  assert.deepEqual(
    attendeesOf(LESSON, SUGGESTION, ADMIN).map(({ key, label, suggested }) => [key, label, suggested]),
    [
      ["tutor", "Abebe Kebede", "present"],
      ["student-28", "Sara Alemu", "late"],
    ],
  );
  const group = {
    ...SUGGESTION,
    students: CLASS.students.map((one) => ({ ...one, status_suggestion: "absent", reasons: [] })),
  };
  assert.deepEqual(
    attendeesOf(CLASS, group, ADMIN).map(({ key, suggested }) => [key, suggested]),
    [
      ["tutor", "present"],
      ["student-28", "absent"],
      ["student-29", "absent"],
    ],
  );
});

test("who reads it is called you, and nobody else is", () => {
  const labels = (identity, session = LESSON) => attendeesOf(session, null, identity).map(({ label }) => label);
  assert.deepEqual(labels(TUTOR), ["You", "Sara Alemu"]);
  assert.deepEqual(labels({ role: "student", userId: 201 }), ["Abebe Kebede", "You"]);
  assert.deepEqual(labels({ role: "tutor", userId: 102 }), ["Abebe Kebede", "Sara Alemu"]);
  assert.deepEqual(labels({ role: "parent", userId: 301 }), ["Abebe Kebede", "Sara Alemu"]);
  assert.deepEqual(labels(ADMIN, { ...LESSON, students: [{ ...SARA, name: "" }] })[1], "Unnamed");
  assert.equal(shortName("Sara Alemu"), "Sara");
});

test("what is recorded is each person's own, and what nobody decided is not recorded", () => {
  const sara = {
    ...SARA,
    attendance_status: "absent",
    attendance_source: "manual",
    excused: true,
    excuse_reason: "fever",
  };
  const session = {
    ...CLASS,
    students: [sara, YONAS],
    tutor_attendance_status: "late",
    tutor_attendance_source: "manual",
  };
  assert.deepEqual(
    attendeesOf(session, null, TUTOR).map(({ status, excused, excuseReason }) => [status, excused, excuseReason]),
    [
      ["late", false, undefined],
      ["absent", true, "fever"],
      [null, false, undefined],
    ],
  );
});

test("a student whom only the whiteboard knows has the status of the session", () => {
  const session = {
    ...LESSON,
    students: [],
    student_attendance_status: "late",
    student_attendance_source: "manual",
  };
  const [, student] = attendeesOf(session, null, TUTOR);
  assert.deepEqual([student.key, student.name, student.status], ["student", "Sara Alemu", "late"]);
});

test("what an admin decided is locked for all others", () => {
  const session = { ...LESSON, tutor_attendance_status: "late", tutor_attendance_source: "admin_override" };
  const locks = (identity) => attendeesOf(session, null, identity).map(({ isLocked }) => isLocked);
  assert.deepEqual(locks(TUTOR), [true, false]);
  assert.deepEqual(locks(ADMIN), [false, false]);
});

test("nothing is suggested that can't be accepted or known", () => {
  const suggested = (suggestion) => attendeesOf(LESSON, suggestion, TUTOR)[1].suggested;
  assert.equal(suggested(SUGGESTION), "late");
  assert.equal(suggested(null), null);
  assert.equal(suggested({ ...SUGGESTION, provisional: true }), null);
  assert.equal(suggested({ ...SUGGESTION, has_whiteboard: false }), null);
  assert.equal(suggested({ ...SUGGESTION, student_reasons: ["cannot_know"] }), null);
});

test("a student of a class about whom nothing was judged has no facts", () => {
  const [, , yonas] = attendeesOf(CLASS, SUGGESTION, TUTOR);
  assert.deepEqual([yonas.facts, yonas.suggested], [null, null]);
});

test("a tutor who is not the judged one substitutes", () => {
  assert.equal(isSubstitute(102, { tutor_user_id: 101 }), true);
  assert.equal(isSubstitute(101, { tutor_user_id: 101 }), false);
  assert.equal(isSubstitute(101, {}), false);
});

test("guests are named as such", () => {
  const intervals = [{ started_at: "2026-03-09T10:00:00Z" }];
  assert.deepEqual(guestsOf({ guests: [{ name: "Hanna Tesfaye", user_type: "tutor", intervals }] }), [
    { label: "Hanna Tesfaye (guest)", shortLabel: "Hanna", facts: { intervals, activity: [] } },
  ]);
});

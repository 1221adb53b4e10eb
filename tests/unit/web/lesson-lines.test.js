import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { chipsOf, factOf } = await import("../../../gateway/web/assets/views/lessons/facts.js");
const { exceptionsOf, isAcceptable, isLive, isOver, isToMark } = await import(
  "../../../gateway/web/assets/views/lessons/state.js"
);

const TUTOR = { role: "tutor", userId: 101 };
const ADMIN = { role: "admin", userId: 901 };
const NOBODY = "system_default";
const START = "2026-03-02T07:00:00Z";
const END = "2026-03-02T08:00:00Z";
const BEFORE = Date.parse("2026-03-02T06:00:00Z");
const DURING = Date.parse("2026-03-02T07:30:00Z");

function student(status, more = {}) {
  return { student_id: 28, name: "Sara Alemu", status_suggestion: status, confidence: "high", ...more };
}

function lesson({ tutor = "present", students = [student("present", { lateness_minutes: 0 })], ...more } = {}) {
  return {
    status: "completed",
    scheduled_start: START,
    scheduled_end: END,
    tutor_user_id: 101,
    tutor_name: "Abebe Kebede",
    student_name: "Sara Alemu",
    attendance_source: NOBODY,
    tutor_attendance_source: NOBODY,
    student_attendance_source: NOBODY,
    open_claims: 0,
    students: students.map(({ student_id: id, name }) => ({ student_id: id, name, attendance_source: NOBODY })),
    suggestion: {
      has_whiteboard: true,
      tutor_status_suggestion: tutor,
      tutor_confidence: "high",
      tutor_reasons: ["on_time"],
      tutor_lateness_minutes: 12,
      tutor_active_minutes: 48,
      student_status_suggestion: students[0].status_suggestion,
      student_confidence: students[0].confidence,
      student_reasons: ["on_time"],
      students,
    },
    lesson_outcome: { outcome: "held", overlap_minutes: 57.6, tutor_waited_minutes: 0 },
    ...more,
  };
}

function labels(session, identity = TUTOR) {
  return chipsOf(session, identity).map(({ label }) => label);
}

test("both present is one chip, with how long they were together", () => {
  assert.deepEqual(labels(lesson()), ["Both present"]);
  assert.equal(factOf(lesson(), TUTOR), "On time · 58 of 60 min together");
});

test("who came late is named, with how late and how long they stayed", () => {
  const late = lesson({ students: [student("late", { lateness_minutes: 7.2, active_minutes: 49.4 })] });
  assert.deepEqual(labels(late), ["You present", "Sara late"]);
  assert.deepEqual(labels(late, ADMIN), ["Abebe present", "Sara late"]);
  assert.equal(factOf(late, TUTOR), "7 min late · 49 of 60 min");
});

test("a tutor who came late is named too", () => {
  assert.deepEqual(labels(lesson({ tutor: "late" })), ["You late", "Sara present"]);
  assert.equal(factOf(lesson({ tutor: "late" }), TUTOR), "12 min late · 48 of 60 min");
});

test("of a no-show the line says how long the tutor waited", () => {
  const lesson_outcome = { outcome: "student_no_show", tutor_waited_minutes: 15.9 };
  const noShow = lesson({ students: [student("absent")], lesson_outcome });
  assert.deepEqual(labels(noShow), ["Sara did not come"]);
  assert.equal(factOf(noShow, TUTOR), "You waited 16 min");
  assert.equal(factOf(noShow, ADMIN), "The tutor waited 16 min");
});

test("a class is counted, and its exceptions are named, the absent ones first", () => {
  const students = [
    student("present", { lateness_minutes: 0 }),
    student("late", { student_id: 29, name: "Liya Tadesse", lateness_minutes: 8 }),
    student("absent", { student_id: 30, name: "Samuel Desta" }),
    student("present", { student_id: 31, name: "Meron Haile", lateness_minutes: 0, confidence: "low" }),
  ];
  assert.deepEqual(labels(lesson({ students })), ["2 present", "1 late", "1 absent"]);
  assert.equal(factOf(lesson({ students }), TUTOR), "Samuel never connected · Liya 8 min late · unsure");
  assert.equal(exceptionsOf(lesson({ students })).length, 3);
});

test("what is recorded is shown instead of what is suggested, and what is not marked is said", () => {
  const marked = lesson({
    attendance_source: "parent_reported",
    student_attendance_source: "parent_reported",
    student_attendance_status: "absent",
  });
  assert.deepEqual(labels(marked), ["You not marked", "Sara absent"]);
  assert.equal(isToMark(marked), true);
  assert.equal(isAcceptable(marked, TUTOR), false);
});

test("where nothing is suggested, the chip says why", () => {
  const unknown = lesson();
  unknown.suggestion.student_reasons = ["cannot_know"];
  assert.deepEqual(labels(unknown), ["Can't be known"]);
  assert.deepEqual(labels({ ...lesson(), suggestion: undefined, whiteboard_id: 1 }), ["Suggestion follows shortly"]);
  const unseen = lesson();
  unseen.suggestion.has_whiteboard = false;
  assert.deepEqual(labels(unseen), ["No whiteboard"]);
});

test("a lesson is over when its time is, whatever the platform says, and none before it begins", () => {
  const running = lesson({ status: "in-progress" });
  assert.equal(isOver(running), true);
  assert.equal(isLive(running), false);
  assert.equal(isLive(running, DURING), true);
  assert.equal(isOver(lesson(), BEFORE), false);
  assert.equal(isOver(lesson(), DURING), true);
  assert.equal(isToMark(lesson({ status: "cancelled" })), false);
});

test("a suggestion is offered on the line if it is at least likely, and to nobody who may not accept it", () => {
  assert.equal(isAcceptable(lesson(), TUTOR), true);
  const likely = lesson({ students: [student("present", { confidence: "medium" })] });
  assert.equal(isAcceptable(likely, TUTOR), true);
  assert.equal(isAcceptable(lesson({ students: [student("present", { confidence: "low" })] }), TUTOR), false);
  assert.equal(isAcceptable(lesson({ open_claims: 1 }), TUTOR), false);
  assert.equal(isAcceptable(lesson(), { role: "tutor", userId: 102 }), false);
});

test("a name that is written from right to left is isolated", () => {
  const named = lesson({ students: [student("late", { name: "سلمى عبد", lateness_minutes: 7 })] });
  assert.deepEqual(labels(named), ["You present", "\u2068سلمى\u2069 late"]);
});

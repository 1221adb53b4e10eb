import "./view-words.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { bodyOf, changesIn, isAcceptance } = await import("../../../gateway/web/assets/views/lesson/body.js");
const { actInWords } = await import("../../../gateway/web/assets/views/lesson/sentences.js");
const SUGGESTION = { has_whiteboard: true, provisional: false, etag: "s1" };
const KNOWN = { reasons: [] };
const YOU = { person: "tutor", isYou: true, shortLabel: "You", status: null, suggested: "present", facts: KNOWN };
const SARA = { person: "student", id: 28, shortLabel: "Sara", status: null, suggested: "late", facts: KNOWN };
const YONAS = { ...SARA, id: 29, shortLabel: "Yonas", suggested: "present" };

const choice = (person, status, more = {}) => ({ person, status, excuse: null, note: undefined, ...more });
const decision = (choices, more = {}) => ({
  choices,
  suggestion: SUGGESTION,
  notes: undefined,
  etag: "a1",
  isGroup: false,
  isParent: false,
  mayAccept: true,
  ...more,
});
const AS_SUGGESTED = [choice(YOU, "present"), choice(SARA, "late")];

function label(choices, more = {}) {
  return actInWords({ changes: changesIn(choices), isMore: false, isAgain: false, isParent: false, ...more });
}

test("what is chosen as suggested is accepted, with the notes", () => {
  assert.deepEqual(bodyOf(decision(AS_SUGGESTED, { notes: "Good" })), {
    use_suggestion: true,
    etag: "s1",
    attendance_notes: "Good",
    attendance_etag: "a1",
  });
});

test("what is chosen otherwise is sent as it is chosen", () => {
  assert.deepEqual(bodyOf(decision([choice(YOU, "present"), choice(SARA, "present")])), {
    tutor_attendance_status: "present",
    student_attendance_status: "present",
    attendance_etag: "a1",
  });
});

test("nothing is accepted that may not be, is not known, or is out of date", () => {
  assert.equal(isAcceptance(decision(AS_SUGGESTED)), true);
  assert.equal(isAcceptance(decision(AS_SUGGESTED, { mayAccept: false })), false);
  assert.equal(isAcceptance(decision(AS_SUGGESTED, { suggestion: null })), false);
  assert.equal(isAcceptance(decision(AS_SUGGESTED, { suggestion: { ...SUGGESTION, provisional: true } })), false);
  const unknown = { ...SARA, suggested: null, facts: { reasons: ["cannot_know"] } };
  assert.equal(isAcceptance(decision([choice(YOU, "present"), choice(unknown, undefined)])), false);
  // A substitute is not asked about the tutor.
  assert.equal(isAcceptance(decision([choice(SARA, "late")])), false);
});

test("of what is recorded only what is chosen otherwise is sent", () => {
  const recorded = [choice({ ...YOU, status: "late" }, "late"), choice({ ...SARA, status: "absent" }, "late")];
  assert.deepEqual(bodyOf(decision(recorded)), { student_attendance_status: "late", attendance_etag: "a1" });
  assert.equal(label(recorded, { isAgain: true }), "Change to Sara late");
});

test("in a class each student is taken as suggested, or as chosen; who is left out stays undecided", () => {
  const choices = [
    choice(YOU, "present"),
    choice(SARA, "absent", { excuse: { excused: true, excuse_reason: "Ill" }, note: "Wrote before" }),
    choice(YONAS, "present"),
    choice({ ...YONAS, id: 30 }, undefined),
  ];
  assert.deepEqual(bodyOf(decision(choices, { isGroup: true })), {
    tutor_attendance_status: "present",
    students: [
      { student_id: 28, status: "absent", note: "Wrote before", excused: true, excuse_reason: "Ill" },
      { student_id: 29, use_suggestion: true },
    ],
    etag: "s1",
    attendance_etag: "a1",
  });
});

test("an excuse comes with the suggestion, but that of the tutor is a decision of its own", () => {
  const excuse = { excused: true, excuse_reason: "Ill" };
  const absent = { ...SARA, suggested: "absent" };
  assert.deepEqual(bodyOf(decision([choice(YOU, "present"), choice(absent, "absent", { excuse })])), {
    use_suggestion: true,
    students: [{ student_id: 28, excused: true, excuse_reason: "Ill" }],
    etag: "s1",
    attendance_etag: "a1",
  });
  const missing = { ...YOU, suggested: "absent" };
  const body = bodyOf(decision([choice(missing, "absent", { excuse }), choice(SARA, "late")]));
  assert.deepEqual(body, {
    tutor_attendance_status: "absent",
    tutor_excused: true,
    tutor_excuse_reason: "Ill",
    student_attendance_status: "late",
    attendance_etag: "a1",
  });
});

test("a parent's note goes with a status, which is all that parents may say", () => {
  const parents = { isParent: true, mayAccept: false, notes: "She was ill" };
  const recorded = { ...SARA, status: "absent" };
  assert.deepEqual(bodyOf(decision([choice(recorded, "absent")], parents)), {
    student_attendance_status: "absent",
    attendance_notes: "She was ill",
    attendance_etag: "a1",
  });
  const noted = bodyOf(
    decision([choice(recorded, "absent", { note: "Ill" })], { ...parents, isGroup: true, notes: undefined }),
  );
  assert.deepEqual(noted.students, [{ student_id: 28, status: "absent", note: "Ill" }]);
});

test("the button says what it will do", () => {
  assert.equal(label(AS_SUGGESTED), "Mark you present, Sara late");
  assert.equal(label([choice(YOU, "present"), choice(SARA, "present")]), "Mark you and Sara present");
  assert.equal(label([choice(SARA, "absent")], { isParent: true }), "Report Sara absent");
  assert.equal(label([choice(SARA, undefined)]), "Mark attendance");
  assert.equal(label([choice(SARA, undefined)], { isMore: true }), "Save");
});

test("of many students the button says how many", () => {
  const many = Array.from({ length: 6 }, (_, index) => choice({ ...YONAS, id: index }, index ? "present" : "absent"));
  assert.equal(label([choice(YOU, "present"), ...many]), "Mark you present; students: 5 present, 1 absent");
});

import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { inOrder, nameOfWord, newestClaims, partOf, recordOf, wordOf } = await import(
  "../../../gateway/web/assets/views/record/lesson-state.js"
);
const NOW = Date.parse("2026-03-10T12:00:00Z");
const at = (hours) => new Date(NOW + hours * 3_600_000).toISOString();
const SARA = { student_id: 28, name: "Sara", attendance_source: "system_default" };
const YONAS = { student_id: 29, name: "Yonas", attendance_source: "manual", attendance_status: "late" };
const RULES = { claim_within_days: 7, parent_word_becomes_claim: false };

function lesson(hours, fields = {}) {
  const times = { scheduled_start: at(hours), scheduled_end: at(hours + 1), session_date: at(hours).slice(0, 10) };
  return { id: 1, status: "completed", students: [SARA], word_rules: RULES, ...times, ...fields };
}

function marked(source, fields = {}) {
  const student = { ...SARA, attendance_source: source, attendance_status: "absent", attendance_marked_at: at(-2) };
  return lesson(-3, { students: [{ ...student, ...fields }] });
}

function word(role, session, claim, now = NOW) {
  return wordOf(role, session, recordOf(session, 28), claim, now);
}

test("a lesson belongs where it stands in time, and whether the student is marked", () => {
  const part = (session, studentId = 28) => partOf(session, studentId, NOW);
  assert.equal(part(lesson(5, { status: "scheduled" })), "coming");
  assert.equal(part(lesson(0.1, { status: "scheduled" })), "now");
  assert.equal(part(lesson(-0.5, { status: "in-progress" })), "now");
  assert.equal(part(lesson(-3)), "waiting");
  assert.equal(part(lesson(-3, { status: "in-progress" })), "waiting");
  assert.equal(part(marked("manual")), "past");
});

test("a cancelled lesson waits for no mark", () => {
  assert.equal(partOf(lesson(-3, { status: "cancelled" }), 28, NOW), "past");
  assert.equal(partOf(lesson(5, { status: "cancelled" }), 28, NOW), "coming");
});

test("in a class each child has a record of their own", () => {
  const both = lesson(-3, { students: [SARA, YONAS] });
  assert.deepEqual(
    [28, 29].map((id) => partOf(both, id, NOW)),
    ["waiting", "past"],
  );
  assert.equal(recordOf(both, 29).status, "late");
});

test("without a profile in the token, the only student who is shown is meant", () => {
  assert.equal(recordOf(lesson(-3), null).name, "Sara");
});

test("lessons are put in order", () => {
  const [first, second, third] = [lesson(-50, { id: 3 }), lesson(-3, { id: 1 }), lesson(-3, { id: 2 })];
  const sorted = inOrder([third, second, first]);
  assert.deepEqual(
    sorted.map(({ id }) => id),
    [3, 1, 2],
  );
});

test("of several claims about a student the newest counts", () => {
  const claims = [
    { claim_id: 3, session_id: 7, student_id: 29 },
    { claim_id: 2, session_id: 7, student_id: 28 },
    { claim_id: 1, session_id: 7, student_id: 28 },
  ];
  assert.equal(newestClaims(claims, 28).get(7).claim_id, 2);
  assert.equal(newestClaims(claims, null).get(7).claim_id, 3);
});

test("a student claims what is marked or over, until the time of the policy has passed", () => {
  assert.equal(word("student", marked("manual")), "claim");
  assert.equal(word("student", lesson(-3)), "claim");
  assert.equal(word("student", lesson(-0.5, { status: "in-progress" })), null);
  assert.equal(word("student", lesson(5, { status: "scheduled" })), null);
  assert.equal(word("student", lesson(-3, { status: "cancelled" })), null);
  const days = (count) => NOW + count * 86_400_000;
  assert.equal(word("student", marked("manual"), undefined, days(6.9)), "claim");
  assert.equal(word("student", marked("manual"), undefined, days(7)), null);
});

test("while a claim is open nothing else is said, and after its answer it is", () => {
  assert.equal(word("student", marked("manual"), { state: "open" }), null);
  assert.equal(word("student", marked("manual"), { state: "declined" }), "claim");
});

test("a parent's word is recorded where nobody else decided, and else it is a claim", () => {
  for (const session of [lesson(-3), marked("parent_reported")]) assert.equal(word("parent", session), "report");
  for (const source of ["manual", "whiteboard_auto", "admin_override"])
    assert.equal(word("parent", marked(source)), "claim");
  const asClaims = { word_rules: { ...RULES, parent_word_becomes_claim: true } };
  assert.equal(word("parent", { ...marked("manual"), ...asClaims }), "claim");
  assert.equal(word("parent", { ...marked("parent_reported"), ...asClaims }), "report");
  assert.equal(word("parent", { ...lesson(-3), ...asClaims }), "report");
});

test("a parent is offered no claim that would come too late", () => {
  const later = NOW + 8 * 86_400_000;
  assert.equal(word("parent", marked("admin_override"), undefined, later), null);
  assert.equal(word("parent", marked("manual"), undefined, later), null);
  assert.equal(word("parent", marked("parent_reported"), undefined, later), "report");
});

test("where nobody may object, the policy decides whether a parent's word replaces a mark, but never an admin's", () => {
  const never = { word_rules: { ...RULES, claim_within_days: 0 } };
  assert.equal(word("parent", { ...marked("manual"), ...never }), "report");
  assert.equal(word("parent", { ...marked("admin_override"), ...never }), null);
  const claimsOnly = { word_rules: { claim_within_days: 0, parent_word_becomes_claim: true } };
  assert.equal(word("parent", { ...marked("manual"), ...claimsOnly }), null);
});

test("a word is called by what becomes of the mark", () => {
  const name = (how, session) => nameOfWord(how, recordOf(session, 28));
  assert.equal(name("report", lesson(-3)), "record.wasThere");
  assert.equal(name("claim", marked("manual")), "record.notRight");
  assert.equal(name("report", marked("parent_reported")), "record.changeReport");
  assert.equal(name("report", marked("manual")), "record.replace");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";
import {
  canJoin,
  isUnmarked,
  phaseOf,
  standingOf,
  untilNextPhase,
  whiteboardAddress,
} from "../../../gateway/web/assets/lesson-times.js";

const at = (time) => Date.parse(`2026-03-09T${time}:00Z`);
const lesson = (changes = {}) => ({
  id: 1,
  status: "scheduled",
  whiteboard_id: 5,
  scheduled_start: "2026-03-09T10:00:00Z",
  scheduled_end: "2026-03-09T11:00:00Z",
  attendance_source: "system_default",
  ...changes,
});

test("a lesson comes, can be joined, is live and is over", () => {
  const phases = ["09:49", "09:50", "09:59", "10:00", "10:59", "11:00"].map((time) => phaseOf(lesson(), at(time)));
  assert.deepEqual(phases, ["coming", "soon", "soon", "live", "live", "over"]);
});

test("a lesson is over when its time is, also where the platform says that it goes on", () => {
  assert.equal(phaseOf(lesson({ status: "in-progress" }), at("11:00")), "over");
});

test("a lesson that the platform has finished is over before its time is", () => {
  assert.equal(phaseOf(lesson({ status: "completed" }), at("10:30")), "over");
  assert.equal(phaseOf(lesson({ status: "missed" }), at("10:30")), "over");
});

test("a cancelled lesson is neither live nor to mark", () => {
  for (const time of ["09:00", "10:30", "12:00"]) {
    assert.equal(standingOf(lesson({ status: "cancelled" }), at(time)), "cancelled");
  }
});

test("without times its status says where a lesson stands", () => {
  const timeless = { scheduled_start: undefined, scheduled_end: undefined };
  assert.equal(phaseOf(lesson({ ...timeless, status: "in-progress" }), at("10:00")), "live");
  assert.equal(phaseOf(lesson({ ...timeless, status: "scheduled" }), at("10:00")), "coming");
});

test("a lesson that is over is to mark until everyone is marked", () => {
  assert.equal(standingOf(lesson(), at("12:00")), "to-mark");
  assert.equal(standingOf(lesson({ attendance_source: "manual" }), at("12:00")), "marked");
  assert.equal(standingOf(lesson({ attendance_source: "manual", undecided_students: 1 }), at("12:00")), "to-mark");
  assert.equal(isUnmarked(lesson({ attendance_source: "manual", undecided_students: 0 })), false);
});

test("tutors and students can join from ten minutes before the start until the end", () => {
  for (const role of ["tutor", "student"]) {
    assert.deepEqual(
      ["09:49", "09:50", "10:59", "11:00"].map((time) => canJoin(lesson(), role, at(time))),
      [false, true, true, false],
    );
  }
  assert.equal(canJoin(lesson(), "parent", at("10:00")), false);
  assert.equal(canJoin(lesson({ whiteboard_id: undefined }), "tutor", at("10:00")), false);
  assert.equal(canJoin(lesson({ status: "cancelled" }), "tutor", at("10:00")), false);
});

test("the whiteboard is the demo's, or the platform's own where there is one", () => {
  assert.equal(whiteboardAddress(7), "/whiteboard?session=7");
  assert.equal(whiteboardAddress(7, "https://app.example.org/w/{whiteboard_id}"), "https://app.example.org/w/7");
});

test("the next change of a phase is known", () => {
  const minutes = (time) => untilNextPhase([lesson()], at(time)) / 60_000;
  assert.deepEqual(["09:40", "09:55", "10:15", "11:00"].map(minutes), [10, 5, 45, Infinity]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { missingFirst, whoIsThere } from "../../../gateway/web/assets/presence-now.js";

const SESSION = {
  tutor_name: "Abebe Kebede",
  tutor_user_id: 101,
  students: [{ name: "Sara Alemu", user_id: 201 }, { name: "Yonas Girma", user_id: 202 }, { name: "Without account" }],
};
const here = (user_id, user_type, since) => ({ user_id, user_type, connected: true, present_since: since });
const away = (user_id, user_type, left_at) => ({ user_id, user_type, connected: false, left_at });

test("each person is there, left or missing", () => {
  const participants = [here(101, "tutor", "T1"), away(201, "student", "T2"), away(202, "student")];
  assert.deepEqual(
    whoIsThere(SESSION, participants, 101).map(({ name, state, at, isYou }) => [name, state, at, isYou]),
    [
      ["Abebe Kebede", "here", "T1", true],
      ["Sara Alemu", "left", "T2", false],
      ["Yonas Girma", "missing", null, false],
      ["Without account", "missing", null, false],
    ],
  );
});

test("who is there without belonging to the lesson is a guest", () => {
  const participants = [here(102, "tutor", "T1"), here(209, "student", "T2"), away(208, "student")];
  const guests = whoIsThere(SESSION, participants, 101).filter(({ name }) => name === null);
  assert.deepEqual(
    guests.map(({ guest, state }) => [guest, state]),
    [
      ["otherTutor", "here"],
      ["otherStudent", "here"],
    ],
  );
});

test("who is missing comes first", () => {
  const people = whoIsThere(SESSION, [here(101, "tutor", "T1"), away(201, "student", "T2")], 101);
  assert.deepEqual(
    missingFirst(people).map(({ state }) => state),
    ["missing", "missing", "left", "here"],
  );
});

// The head of a review: when the lesson is, with whom, and whether it goes on.

import { element, icon, isolated } from "../../components.js";
import { day, scheduledRange, text } from "../../localization.js";

const CANCELLED = "cancelled";
const MISSED = "missed";
const MINUTE_MS = 60_000;
/** For so long it is said how long ago a lesson ended. */
const MAX_MINUTES_AGO = 60;
/** So many students are named. */
const MAX_NAMED = 3;
/** Occurs in no string. */
const MARK = "\u0001";

/**
 * Return the state of a lesson at `now`, by its schedule and not by its status, which may be out of date: `{ kind, words }`;
 * null: there is nothing to say.
 */
export function stateOf({ status, scheduled_start: from, scheduled_end: to }, now) {
  if (status === CANCELLED) return { kind: CANCELLED, words: text("common.lesson.cancelled") };
  if (!from || !to) return null;
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (now < start) return { kind: "to-come", words: text("lesson.state.toCome") };
  if (now < end) return { kind: "live", words: text("lesson.state.live") };
  if (status === MISSED) return { kind: MISSED, words: text("common.lesson.missed") };
  const minutes = Math.floor((now - end) / MINUTE_MS);
  if (minutes >= MAX_MINUTES_AGO) return null;
  return { kind: "ended", words: text("lesson.state.ended", { count: minutes }) };
}

function names(list) {
  if (list.length > MAX_NAMED) return [text("lesson.students", { count: list.length })];
  return list.flatMap(({ name }, index) => [index ? text("common.comma") : "", isolated(name)]);
}

/** Write a string with elements in the places of its values. */
function textAround(key, values) {
  const places = Object.fromEntries(Object.keys(values).map((name) => [name, `${MARK}${name}${MARK}`]));
  return text(key, places)
    .split(MARK)
    .map((part, index) => (index % 2 ? values[part] : part));
}

/** With whom, as the reader would say it: tutors and students don't name themselves. */
function peopleOf({ tutor_name: tutor, students }, role) {
  if (role === "student" || !students.length) return textAround("lesson.with", { people: isolated(tutor) });
  const learners = names(students);
  if (role === "tutor") return textAround("lesson.with", { people: learners });
  return textAround("lesson.learnersWith", { learners, tutor: isolated(tutor) });
}

/** Make the lines below the title. */
export function headline(session, identity) {
  const { session_date: date, start_time: start, end_time: end } = session;
  const when = date && start && end ? { day: day(date), times: scheduledRange(start, end) } : null;
  const state = stateOf(session, Date.now());
  return [
    element("p", {}, when && text("lesson.when", when)),
    element(
      "p",
      {},
      peopleOf(session, identity.role),
      state &&
        element("span", { class: `lesson-state ${state.kind}` }, state.kind === "live" && icon("live"), state.words),
    ),
  ];
}

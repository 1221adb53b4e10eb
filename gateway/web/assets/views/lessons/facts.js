// What the line of a lesson says about attendance, as chips `{ kind, label, short, isSuggested }` and one short fact. Of
// a class, chips show a number, and say the whole label to screen readers. Pure.

import { NOT_MARKED } from "../../components.js";
import { hasText, minutes, number, text, wholeMinutes } from "../../localization.js";
import { certainty, exceptionsOf, isClass, isMarked, suggestionKind } from "./state.js";

const KNOWN = new Set(["present", "late", "absent"]);
/** Arrivals up to this are on time for everybody who reads the line. */
const ON_TIME_MINUTES = 1;
const MINUTE_MS = 60_000;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/u;

/** Isolated, where it is written from right to left. */
function firstName(name) {
  const first = name.split(/\s+/u)[0] || name;
  return RIGHT_TO_LEFT.test(first) ? `\u2068${first}\u2069` : first;
}

/** Return whether the tutor of a lesson is who reads the line. */
export function isReader({ tutor_user_id: tutor }, { role, userId }) {
  return role === "tutor" && (tutor === undefined || tutor === userId);
}

/** What to call the tutor of a lesson: "You", if that is who reads it. */
export function tutorLabel(session, identity) {
  return isReader(session, identity) ? text("lessons.you") : firstName(session.tutor_name || text("common.tutor"));
}

export function studentLabel({ students, student_name: name }) {
  return firstName(students[0]?.name || name || text("common.student"));
}

function kindOf(status) {
  return KNOWN.has(status) ? status : "other";
}

function personChip(who, status, isSuggested) {
  const word = text(`lessons.was.${kindOf(status)}`, { status });
  return { kind: kindOf(status), label: text("lessons.person", { who, word }), isSuggested };
}

function tally(statuses, isSuggested) {
  const kinds = ["present", "late", "absent", "unmarked", "other"];
  const counted = Object.groupBy(statuses, (status) => (status ? kindOf(status) : "unmarked"));
  return kinds
    .filter((kind) => counted[kind])
    .map((kind) => ({
      kind,
      label: text(`common.tally.${kind}`, { count: number(counted[kind].length) }),
      short: number(counted[kind].length),
      isSuggested: isSuggested && kind !== "unmarked",
    }));
}

/** Both of a lesson with one student, in one chip where it says the same of both. */
function pairChips(session, identity, { tutor, student, isSuggested }) {
  if (tutor === student && hasText(`lessons.both.${tutor}`))
    return [{ kind: tutor, label: text(`lessons.both.${tutor}`), isSuggested }];
  return [
    personChip(tutorLabel(session, identity), tutor, isSuggested),
    personChip(studentLabel(session), student, isSuggested),
  ];
}

function suggestedChips(session, identity) {
  const { suggestion } = session;
  const tutor = suggestion.tutor_status_suggestion;
  if (!isClass(session) && tutor === "present" && isNoShow(session)) {
    const label = text("lessons.noShow", { who: studentLabel(session) });
    return [{ kind: "absent", label, isSuggested: true }];
  }
  if (!isClass(session))
    return pairChips(session, identity, { tutor, student: suggestion.student_status_suggestion, isSuggested: true });
  const statuses = suggestion.students.map(({ status_suggestion: status }) => status);
  const own = tutor === "present" ? [] : [personChip(tutorLabel(session, identity), tutor, true)];
  return [...own, ...tally(statuses, true)];
}

function unmarkedChip(label) {
  return { kind: "unmarked", label, isSuggested: false };
}

/** What is recorded; of a person on whom nobody decided, that. */
function recordedChips(session, identity) {
  const { tutor_attendance_source: tutorSource, student_attendance_source: studentSource } = session;
  const tutor = tutorSource === NOT_MARKED ? "" : session.tutor_attendance_status;
  const who = tutorLabel(session, identity);
  if (isClass(session)) {
    const own = tutor ? personChip(who, tutor, false) : unmarkedChip(text("lessons.unmarkedPerson", { who }));
    const isPlain = tutor === "present";
    return [...(isPlain ? [] : [own]), ...tally(session.students.map((one) => one.attendance_status))];
  }
  const student = studentSource === NOT_MARKED ? "" : session.student_attendance_status;
  if (tutor && student) return pairChips(session, identity, { tutor, student, isSuggested: false });
  const chipOf = (name, status) =>
    status ? personChip(name, status, false) : unmarkedChip(text("lessons.unmarkedPerson", { who: name }));
  return [chipOf(who, tutor), chipOf(studentLabel(session), student)];
}

/** Return the chips of a lesson: what is recorded, or else what is suggested, or why nothing is. */
export function chipsOf(session, identity) {
  if (isMarked(session)) return recordedChips(session, identity);
  const kind = suggestionKind(session);
  if (kind === "judged") return suggestedChips(session, identity);
  return [{ kind: "unknown", label: text(`lessons.nothing.${kind}`), isSuggested: false }];
}

function scheduledMinutes({ scheduled_start: start, scheduled_end: end }) {
  return start && end ? (Date.parse(end) - Date.parse(start)) / MINUTE_MS : 0;
}

function timeThere(session, active) {
  const all = scheduledMinutes(session);
  return active === undefined || !all
    ? []
    : [text("lessons.fact.there", { there: wholeMinutes(active), all: minutes(all) })];
}

/** The facts about one person, whose status is not simply "present". */
function personFacts(session, { status, lateness, active }) {
  if (lateness === undefined) return [text("lessons.fact.never")];
  const late = status === "late" ? [text("lessons.fact.late", { minutes: minutes(lateness) })] : [];
  return [...late, ...timeThere(session, active)];
}

function isNoShow({ lesson_outcome: outcome }) {
  return outcome?.outcome === "student_no_show";
}

function waited(session, identity) {
  const time = session.lesson_outcome.tutor_waited_minutes;
  if (time < 1) return [text("lessons.fact.never")];
  const key = isReader(session, identity) ? "youWaited" : "tutorWaited";
  return [text(`lessons.fact.${key}`, { minutes: minutes(time) })];
}

function pairFacts(session, identity) {
  const { suggestion, lesson_outcome: outcome } = session;
  const { tutor_status_suggestion: tutor, student_status_suggestion: status } = suggestion;
  const [student] = suggestion.students;
  const measured = { status, lateness: student?.lateness_minutes, active: student?.active_minutes };
  if (tutor !== "present" && status === "present")
    return personFacts(session, {
      status: tutor,
      lateness: suggestion.tutor_lateness_minutes,
      active: suggestion.tutor_active_minutes,
    });
  if (status === "present") {
    const isOnTime = (measured.lateness ?? 0) < ON_TIME_MINUTES;
    const start = isOnTime
      ? text("lessons.fact.onTime")
      : text("lessons.fact.late", { minutes: minutes(measured.lateness) });
    const all = scheduledMinutes(session);
    const together = outcome && all ? { there: wholeMinutes(outcome.overlap_minutes), all: minutes(all) } : null;
    return [start, ...(together ? [text("lessons.fact.together", together)] : [])];
  }
  return isNoShow(session) ? waited(session, identity) : personFacts(session, measured);
}

/** Who of a class is not simply there, the absent ones first. */
function classFacts(session) {
  const exceptions = exceptionsOf(session);
  if (!exceptions.length) return [text("lessons.fact.everyone")];
  const order = ["absent", "late", "present"];
  const sorted = exceptions.toSorted(
    (one, other) => order.indexOf(one.status_suggestion) - order.indexOf(other.status_suggestion),
  );
  return sorted.slice(0, 2).map(({ name, status_suggestion: status, lateness_minutes: lateness }) => {
    const who = firstName(name);
    if (lateness === undefined) return text("lessons.fact.whoNever", { who });
    if (status === "late") return text("lessons.fact.whoLate", { who, minutes: minutes(lateness) });
    return text("lessons.fact.whoUnsure", { who });
  });
}

/** Return what the line of a lesson that is not marked says beside its chips; empty: nothing. */
export function factOf(session, identity) {
  if (suggestionKind(session) !== "judged") return "";
  const level = certainty(session);
  const facts = isClass(session) ? classFacts(session) : pairFacts(session, identity);
  return [...facts, ...(level === "clear" ? [] : [text(`lessons.certainty.${level}`)])].join(" · ");
}

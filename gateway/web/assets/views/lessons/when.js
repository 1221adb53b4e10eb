// When a lesson is, and which one it is, in words that several views use.

import { element, NOT_MARKED, statusWord, tallyInWords } from "../../components.js";
import { day, scheduledRange, text } from "../../localization.js";

/** Write from when to when a lesson is; old rows may lack a time. */
export function timesOf({ start_time: start, end_time: end }) {
  return start && end ? scheduledRange(start, end) : "";
}

/** Write when a lesson is; old rows may lack a day or a time. */
export function whenOf(session) {
  const { session_date: date } = session;
  return [date ? day(date) : text("lessons.noDay"), timesOf(session)].filter(Boolean).join(", ");
}

/** Make hidden text by which screen readers distinguish the same button or link of several lessons. */
export function unseenContext(session) {
  const which = { course: session.course_name, when: whenOf(session) };
  return element("span", { class: "unseen" }, " ", text("lessons.of", which));
}

/** Write what is recorded of those who are taught. */
export function learnersOutcome({ students, student_attendance_status: status, student_attendance_source: source }) {
  if (students.length < 2 || source === NOT_MARKED) return statusWord(status, source);
  return tallyInWords(students.map((student) => student.attendance_status));
}

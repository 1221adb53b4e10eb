// One lesson in the calendar: when, what, with whom, and how it stands.

import { element, icon, isolated, statusWord, tallyInWords } from "../../components.js";
import { standingOf } from "../../lesson-times.js";
import { number, scheduledTime, text } from "../../localization.js";

const ICONS = {
  cancelled: "cross",
  coming: "calendar",
  soon: "join",
  live: "live",
  "to-mark": "ring",
  present: "check",
  late: "clock",
  absent: "cross",
};
const ATTENDED = ["present", "late"];

/** Return who learns, as a calendar has room for: the student, or how many there are. */
function learners({ students, student_name: name }) {
  if (students.length < 2) return name;
  return text("week.group", { count: students.length });
}

/** Return the icon and the word of what was marked: the student's status, or how many of a class attended. */
function markedSign({ students, student_attendance_status: status }) {
  if (students.length < 2) return { sign: ICONS[status] ?? "check", word: statusWord(status) };
  const attended = students.filter((student) => ATTENDED.includes(student.attendance_status)).length;
  const isFull = attended === students.length;
  return {
    sign: isFull ? "check" : "people",
    word: text("week.attended", { attended: number(attended), count: number(students.length) }),
  };
}

function signOf(session, standing) {
  if (standing === "marked") return markedSign(session);
  return { sign: ICONS[standing], word: text(`week.standing.${standing}`) };
}

/** Write how a lesson stands, for those who hover over a block without room for the word. */
function detail({ students }, standing, word) {
  if (standing !== "marked" || students.length < 2) return word;
  return tallyInWords(students.map(({ attendance_status: status }) => status));
}

/** Return the classes that show how a lesson stands. */
export function classOf(session, now) {
  return `lesson-block ${standingOf(session, now)}`;
}

/** Make the link to a lesson. */
export function block({ session, isContinued }, href) {
  const standing = standingOf(session);
  const { sign, word } = signOf(session, standing);
  const start = scheduledTime(session.start_time);
  return element(
    "a",
    {
      class: classOf(session),
      href,
      "data-session": session.id,
      title: detail(session, standing, word),
    },
    element(
      "span",
      { class: "block-line" },
      element("span", { class: "block-time" }, isContinued ? text("week.since", { start }) : start),
      element("span", { class: "block-sign" }, icon(sign), element("span", {}, word)),
    ),
    element("strong", {}, isolated(session.course_name)),
    element("span", { class: "block-people" }, isolated(learners(session))),
  );
}

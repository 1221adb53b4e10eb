// What the items that wait are made of: which lesson, what is said, by whom, and the notes on the lesson beside it.

import { button, chip, element, icon, isolated, statusChip } from "../../components.js";
import { day, relativeTime, scheduledRange, text } from "../../localization.js";
import { notesByWriter } from "./notes.js";

/** More names than this are not read; then a count stands for them. */
const MAX_NAMED = 3;

/** Say with whom the lesson is: the tutor, or the students where it is the tutor who is spoken of. */
function withWhom({ tutor_name: tutor, students }, isTutorAway) {
  if (!isTutorAway) return [text("claims.with"), isolated(tutor)];
  const isNamed = students.length > 0 && students.length <= MAX_NAMED;
  const names = students.map(({ name }) => name).join(", ");
  const people = isNamed ? names : text("lesson.students", { count: students.length });
  return isolated(text("lesson.with", { people }));
}

/** Make the line that says which lesson it is. */
export function lessonLine(session, { isTutorAway = false } = {}) {
  const { course_name: course, session_date: date, start_time: start, end_time: end } = session;
  const when = date ? [" · ", day(date), start && end ? [", ", scheduledRange(start, end)] : []] : [];
  return element("p", { class: "quiet lesson-line" }, isolated(course), when, " · ", withWhom(session, isTutorAway));
}

/** Make a label with the chip of a status beside it; an empty status is none. */
export function labelled(key, status, { suggested = false } = {}) {
  const shown = status ? statusChip(status, "", { suggested }) : chip("unmarked", text("common.status.unmarked"));
  return element("span", { class: "labelled" }, element("span", { class: "quiet" }, text(key)), " ", shown);
}

/** Make what somebody wrote, with who wrote it and when. */
export function saying(content, { name, role, at }) {
  const who = [isolated(name), text("lesson.inRole", { role: text(`common.role.${role}`) })];
  const when = element("time", { datetime: at }, relativeTime(at));
  return element(
    "div",
    { class: "saying" },
    content && element("p", { class: "words" }, isolated(content)),
    element("p", { class: "quiet small" }, who, " · ", when),
  );
}

function noteOf(content, key) {
  if (!content) return null;
  return element(
    "div",
    { class: "saying" },
    element("p", { class: "words" }, isolated(content)),
    element("p", { class: "quiet small" }, icon("note"), " ", text(key)),
  );
}

/** Make the notes on a lesson and on its student, the tutor's and the parent's apart; nothing where there are none. */
export function notesBeside({ attendance_notes: notes, attendance_source: source, students }, studentId) {
  const { staff, parent } = notesByWriter(notes, source);
  const student = students.find(({ student_id: id }) => id === studentId) ?? {};
  const own = notesByWriter(student.note, student.attendance_source);
  return [
    noteOf([staff, own.staff].filter(Boolean).join("\n"), "claims.notes.staff"),
    noteOf([parent, own.parent].filter(Boolean).join("\n"), "claims.notes.parent"),
  ].filter(Boolean);
}

/** Make the button that shows a lesson with all its facts. */
export function detailsButton(session, open) {
  const context = element("span", { class: "unseen" }, ` (${session.course_name})`);
  return button([text("claims.details"), context], () => open(session.id), { class: "plain" });
}

/** Make the button that opens a lesson to decide on it. */
export function reviewButton(session, open) {
  const context = element("span", { class: "unseen" }, ` (${session.course_name})`);
  return button([text("claims.review"), context], () => open(session.id));
}

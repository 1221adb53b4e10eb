// What is said after a decision.

import { statusWord } from "../../components.js";
import { text } from "../../localization.js";
import { studentLabel, tutorLabel } from "./facts.js";
import { learnersOutcome, whenOf } from "./when.js";

/** As it stands after a colon. */
const inSentence = (word) => word.charAt(0).toLowerCase() + word.slice(1);

/** Write what is recorded of a lesson since it was saved. `identity` is who reads it. */
export function savedSentence(session, identity) {
  return text("lessons.saved", {
    course: session.course_name,
    when: whenOf(session),
    who: tutorLabel(session, identity),
    tutor: inSentence(statusWord(session.tutor_attendance_status, session.tutor_attendance_source)),
    learners: session.students.length > 1 ? text("common.class") : studentLabel(session),
    student: inSentence(learnersOutcome(session)),
  });
}

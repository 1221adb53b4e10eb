// Withdrawing what was decided: the question, with the reason.

import { element } from "../../components.js";
import { list, text } from "../../localization.js";
import { isGroupClass } from "./people.js";
import { sentenceField } from "./question.js";

/** So many students are named. */
const MAX_NAMED = 3;

function choiceOf(students) {
  const option = ({ student_id: id, name }) => element("option", { value: id }, name);
  return element(
    "select",
    { id: "withdrawal-whose" },
    element("option", { value: "" }, text("lesson.withdrawal.everyone")),
    students.map(option),
  );
}

/** Parents are asked as in the list of lessons, which is loaded for them alone. */
async function askParent(frame, students, session) {
  const [{ takeBackWords }, { markBefore }] = await Promise.all([
    import("../record/words.js"),
    import("../record/mark-before.js"),
  ]);
  const [{ student_id: id }] = students;
  const before = students.length === 1 ? await markBefore(session, id, frame.closed) : null;
  if (frame.closed.aborted) return null;
  const agreed = await frame.ask({
    title: text("record.takeBackTitle"),
    content: takeBackWords(session, before),
    agree: text("record.takeBack"),
  });
  return agreed ? { student_ids: students.map((student) => student.student_id) } : null;
}

/**
 * Ask, by the `frame` of the dialog, whether to withdraw what was decided: `tutor` is whether that about the tutor,
 * `students` are the students of the session. Of a class, single students can be chosen. Returns what to send, or null: do
 * not.
 */
export async function askToWithdraw(frame, { tutor, students }, session, identity) {
  if (identity.role === "parent") return askParent(frame, students, session);
  const isYou = identity.role === "tutor";
  const tutorName = isYou ? text("lesson.youInSentence") : session.tutor_name;
  const studentNames = students.length > MAX_NAMED ? text("lesson.students", { count: students.length }) : null;
  const labels = [tutor && tutorName, ...(studentNames ? [studentNames] : students.map(({ name }) => name))].filter(
    Boolean,
  );
  const reason = sentenceField(text("lesson.withdrawal.reason"));
  const whose = isGroupClass(null, session) && students.length ? choiceOf(students) : null;
  const agreed = await frame.ask({
    title: text("lesson.withdrawal.title"),
    content: [
      element("p", {}, text("lesson.withdrawal.question", { people: list(labels) })),
      whose && [element("label", { for: whose.id }, text("lesson.withdrawal.whose")), whose],
      reason.elements,
    ]
      .flat()
      .filter(Boolean),
    agree: text("lesson.withdrawal.withdraw"),
  });
  if (!agreed) return null;
  return { notes: reason.value(), ...(whose?.value ? { student_ids: [Number(whose.value)] } : {}) };
}

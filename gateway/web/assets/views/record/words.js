// What students and parents say about a lesson: that a mark is not right, that a child was there or not, or will not
// come; and what they take back.

import { announceChange } from "../../changes.js";
import { element, loadStyle } from "../../components.js";
import { text } from "../../localization.js";
import { answerClaim, decide, raiseClaim, sendAbsenceNotice, withdraw } from "../../writes.js";
import { askAbout, sentenceField, statusField } from "./form-dialog.js";
import { firstName, nameOfWord } from "./lesson-state.js";
import { markBefore } from "./mark-before.js";
import { whichLessons } from "./which-lessons.js";

const STATUSES = ["present", "late", "absent"];
const CHANGED = "ATTENDANCE_CHANGED";

/** Parents speak of a child by name, students of themselves. */
function keyFor(role) {
  return role === "parent" ? "child" : "own";
}

/** Record it, unless somebody has decided since the lesson was shown: no mark is replaced unseen. */
async function report(session, record, status, note) {
  const student = { student_id: record.studentId, status };
  // With one child in the lesson the note is on the lesson, as the guide has it; else it is on this child alone.
  const isOnly = session.students.length === 1;
  const notes = note && (isOnly ? { attendance_notes: note } : null);
  const students = [note && !isOnly ? { ...student, note } : student];
  const body = { students, ...notes, attendance_etag: session.attendance_etag };
  try {
    return await decide(session, body);
  } catch (problem) {
    // Behind the form the lesson is shown as it is now.
    if (problem.reason === CHANGED) announceChange(session.id);
    throw problem;
  }
}

function claim(session, record, status, note) {
  return raiseClaim(session.id, { student_id: record.studentId, claimed_status: status, note });
}

/** Ask what was right in a lesson, and send it: `how` is `report` or `claim` (lesson-state.js). Returns whether it was. */
export function sayWhatWasRight(session, record, { identity, how, signal }) {
  const key = keyFor(identity.role);
  const statuses = record.isMarked ? STATUSES.filter((status) => status !== record.status) : STATUSES;
  const recorded = record.isMarked ? text(`common.status.${record.status}`) : null;
  const status = statusField(text(`record.form.right.${key}`, { name: firstName(record.name) }), statuses, recorded);
  const isClaim = how === "claim";
  const note = sentenceField(text(isClaim ? "record.form.what" : "record.form.note"), { isRequired: isClaim });
  return askAbout(session, {
    userId: identity.userId,
    title: text(nameOfWord(how, record), { name: firstName(record.name) }),
    explained: text(`record.form.${how}${record.isMarked && !isClaim ? "Replaces" : ""}`, {
      tutor: session.tutor_name,
    }),
    fields: [status, note],
    agree: text(isClaim ? "record.form.send" : "record.form.save"),
    send: (chosen, typed) => (isClaim ? claim : report)(session, record, chosen, typed),
    signal,
  });
}

function announce(session, studentId, reason) {
  return sendAbsenceNotice(session.id, { student_id: studentId, reason });
}

/**
 * Ask why a child will not come, and announce it: for one lesson, or with others of its day or week out of `coming`.
 * Returns the lessons for which it was announced; null: for none.
 */
export async function announceAbsence(session, record, { identity, coming, signal }) {
  const which = whichLessons(session, coming);
  const why = sentenceField(text("record.form.why"), { isRequired: true });
  let announced = [session];
  /** One after the other; what was announced already is recorded once, so that trying again does no harm. */
  async function send(reason, lessons = [session]) {
    for (const lesson of lessons) await announce(lesson, record.studentId, reason);
    announced = lessons;
  }
  const isSent = await askAbout(session, {
    userId: identity.userId,
    title: text("record.form.willNotCome", { name: firstName(record.name) }),
    explained: text("record.form.announced", { tutor: session.tutor_name }),
    fields: [why, which].filter(Boolean),
    agree: text("record.form.announce"),
    send,
    signal,
  });
  return isSent ? announced : null;
}

/** Say that a child will come after all. */
export function takeAbsenceBack(session, record) {
  return sendAbsenceNotice(session.id, { student_id: record.studentId, withdrawn: true });
}

/** Announce an absence again that was just taken back, with the same reason. */
export function announceAgain(session, { studentId, announced }) {
  return announce(session, studentId, announced);
}

/** Ask whether to take back what a parent reported, saying what is recorded then, and do it. Null: they did not agree. */
export async function takeReportBack(session, record, { signal }) {
  const [{ ask }, before] = await Promise.all([
    import("../lesson/question.js"),
    markBefore(session, record.studentId, signal),
    loadStyle("lesson"),
  ]);
  if (signal.aborted) return null;
  const agreed = await ask(document.getElementById("main"), {
    title: text("record.takeBackTitle"),
    content: takeBackWords(session, before),
    agree: text("record.takeBack"),
  });
  if (!agreed || signal.aborted) return null;
  return withdraw(session, { student_ids: [record.studentId] });
}

/** Say what taking a report back does: `before` is what it had replaced, if anything. */
export function takeBackWords(session, before) {
  const lost = before
    ? text("record.takeBackLoses", { tutor: session.tutor_name, status: text(`common.status.${before}`) })
    : text("record.takeBackLeaves");
  return [element("h2", {}, text("record.takeBackTitle")), element("p", {}, lost)];
}

/** Take back a claim. */
export function takeClaimBack(claim) {
  return answerClaim(claim, { answer: "taken_back" });
}

// Withdrawing what was decided: the question, with the reason, and the call.

import { call } from "../../api.js";
import { element } from "../../components.js";
import { text } from "../../localization.js";
import { labelOf } from "./people.js";
import { sentenceField } from "./question.js";

/**
 * Ask, by the `frame` of the dialog, whether to withdraw what was decided about `people` (of `tutor` and `student`).
 * Returns the reason, which may be empty, or null: do not.
 */
export async function askToWithdraw(frame, people, session) {
  const names = people.map((person) => labelOf(person, session));
  const reason = sentenceField(text("session.withdrawal.reason"));
  const agreed = await frame.ask({
    title: text("session.withdrawal.title"),
    content: [
      element("p", {}, text("session.withdrawal.question", { people: names.join(text("session.withdrawal.and")) })),
      ...reason.elements,
    ],
    agree: text("session.withdrawal.withdraw"),
  });
  return agreed ? reason.value() : null;
}

/** Withdraw, and return the session as it is stored then. Throws as `call`. */
export async function withdraw(session, notes) {
  const body = { notes, attendance_etag: session.attendance_etag };
  const path = `/api/tutor/sessions/${session.id}/attendance:withdraw`;
  return (await call(path, { method: "POST", body })).session;
}

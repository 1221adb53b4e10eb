// A claim: somebody objects to what is recorded or suggested about a student. What it says, and answering it.

import { button, element, isolated } from "../../components.js";
import { dateTime, text } from "../../localization.js";
import { answerForm, answerSender } from "./answering.js";

/** More claims than there are about any session, so one page is enough. */
export const MAX_CLAIMS = 200;
const ANSWERERS = new Set(["tutor", "admin"]);
const OPEN = "open";

function statusInWords(status) {
  return status ? text(`common.status.${status}`) : text("common.status.unmarked");
}

/** Make the paragraphs that say what is claimed, by whom, and what was answered. */
export function claimInWords(claim) {
  const { raised_by_name: name, raised_by_role: role, raised_at: raisedAt, student_name: student } = claim;
  const { recorded_status: recorded, suggested_status: suggested } = claim;
  const said = [
    element("strong", {}, isolated(name)),
    text("lesson.inRole", { role: text(`common.role.${role}`) }),
    " · ",
    element("time", { datetime: raisedAt }, dateTime(raisedAt)),
    ": ",
    text("claims.says", { student, status: statusInWords(claim.claimed_status) }),
  ];
  const then = suggested
    ? text("claims.recordedAndSuggested", { recorded: statusInWords(recorded), suggested: statusInWords(suggested) })
    : text("claims.recorded", { recorded: statusInWords(recorded) });
  return [
    element("p", {}, said),
    element("p", { class: "notes" }, isolated(claim.note)),
    element("p", { class: "quiet" }, then),
    claim.state === OPEN ? null : answerInWords(claim),
  ].filter(Boolean);
}

/** Make the paragraph that says how a claim was answered, by whom, and why. */
export function answerInWords({ state, answered_by_name: name, answered_at: answeredAt, answer_note: note }) {
  const at = dateTime(answeredAt);
  return element(
    "p",
    { class: "answer" },
    element("strong", {}, text(`claims.state.${state}`)),
    ` ${text("claims.answeredBy", { name, at })}`,
    note ? element("span", { class: "notes" }, " ", isolated(note)) : [],
  );
}

/**
 * Make what a person may do about an open claim: take it back, or answer it; null: nothing. `how` is what `answerSender`
 * takes.
 */
export function claimActions(claim, identity, how) {
  if (claim.state !== OPEN) return null;
  if (claim.raised_by !== identity.userId) return ANSWERERS.has(identity.role) ? answerForm(claim, how) : null;
  const send = answerSender(claim, how);
  const context = element("span", { class: "unseen" }, text("claims.of", { name: claim.raised_by_name }));
  const takeBack = button([text("claims.takeBack"), context], () => send({ answer: "taken_back" }));
  return element("div", { class: "actions" }, takeBack);
}

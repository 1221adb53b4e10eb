// A claim: somebody objects to what is recorded or suggested about a student. What it says, and answering it.

import { call } from "../../api.js";
import { button, element, isolated } from "../../components.js";
import { dateTime, text } from "../../localization.js";
import { sentenceField } from "../lesson/question.js";

/** More claims than there are about any session, so one page is enough. */
export const MAX_CLAIMS = 200;
const ANSWERERS = new Set(["tutor", "admin"]);
const OPEN = "open";
/** The reason if another person, or another tab, was faster. */
const ANSWERED = "CLAIM_ANSWERED";

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
    text("common.says"),
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

async function askToDecline(ask, claim) {
  const reason = sentenceField(text("claims.declineWhy"), { isRequired: true });
  const agreed = await ask({
    title: text("claims.decline"),
    content: [element("p", {}, text("claims.declineQuestion", { name: claim.raised_by_name })), ...reason.elements],
    agree: text("claims.decline"),
    isReady: reason.isGiven,
  });
  return agreed ? reason.value() : null;
}

/**
 * Make the buttons by which `identity` may answer a claim, or take it back; none if it is not open. `ask(question)` asks
 * as in question.js; `attempt(work, again)` does a call, and returns null and says so if it failed; `onAnswered(answer)`
 * is called with what the API answered, `onOutdated()` if the claim was answered elsewhere in the meantime.
 */
export function claimButtons(claim, identity, { ask, attempt, onAnswered, onOutdated }) {
  if (claim.state !== OPEN) return [];
  let isSending = false;

  async function post(body) {
    let isOutdated = false;
    async function work() {
      try {
        return await call(`/api/claims/${claim.claim_id}:answer`, { method: "POST", body });
      } catch (problem) {
        isOutdated = problem.reason === ANSWERED;
        throw problem;
      }
    }
    const answer = await attempt(work, () => send(body));
    if (answer) await onAnswered(answer);
    else if (isOutdated) await onOutdated();
  }

  async function send(body) {
    if (isSending) return;
    isSending = true;
    try {
      await post(body);
    } finally {
      isSending = false;
    }
  }

  async function decline() {
    const note = await askToDecline(ask, claim);
    if (note !== null) await send({ answer: "declined", note });
  }

  const context = element("span", { class: "unseen" }, text("claims.of", { name: claim.raised_by_name }));
  const make = (key, act, options) => button([text(`claims.${key}`), context.cloneNode(true)], act, options);
  if (claim.raised_by === identity.userId) return [make("takeBack", () => send({ answer: "taken_back" }))];
  if (!ANSWERERS.has(identity.role)) return [];
  return [make("accept", () => send({ answer: "accepted" }), { class: "primary" }), make("decline", decline)];
}

// Answering a claim: a note, and to accept or decline. The same form on its card and in the review of its lesson.

import { button, element } from "../../components.js";
import { text } from "../../localization.js";
import { answerClaim } from "../../writes.js";

/** The reason if another person, or another tab, was faster. */
const ANSWERED = "CLAIM_ANSWERED";
/** What the API takes in notes (docs/api.md). */
const MAX_CHARACTERS = 2000;

/**
 * Make what sends an answer to a claim once: `send(body)`. `attempt(work, again)` does a call, and returns null and says so
 * if it failed; `onAnswered(answer)` is called with what the API answered, `onOutdated()` if it was answered elsewhere.
 */
export function answerSender(claim, { attempt, onAnswered, onOutdated }) {
  let isSending = false;

  async function post(body) {
    let isOutdated = false;
    async function work() {
      try {
        return await answerClaim(claim, body);
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

  return send;
}

function answerField(claim) {
  const id = `answer-${claim.claim_id}`;
  const problem = element("p", { class: "problem", id: `${id}-problem`, role: "status" });
  const field = element("textarea", {
    id,
    rows: 1,
    maxlength: MAX_CHARACTERS,
    "aria-describedby": problem.id,
    oninput: () => problem.replaceChildren(),
  });
  return {
    element: element(
      "div",
      { class: "answer-note" },
      element("label", { for: id }, text("claims.note")),
      field,
      problem,
    ),
    value: () => field.value.trim(),
    ask() {
      problem.textContent = text("claims.noteNeeded");
      field.focus();
    },
  };
}

/** Make the form. The rest is as for `answerSender`. */
export function answerForm(claim, how) {
  const note = answerField(claim);
  const send = answerSender(claim, how);

  function decline() {
    if (note.value()) return send({ answer: "declined", note: note.value() });
    return note.ask();
  }

  const status = text(`common.status.${claim.claimed_status}`);
  const context = () => element("span", { class: "unseen" }, text("claims.of", { name: claim.raised_by_name }));
  const accept = button(
    [text("claims.acceptAs", { status }), context()],
    () => send({ answer: "accepted", note: note.value() }),
    { class: "primary" },
  );
  return element(
    "div",
    { class: "answering" },
    note.element,
    element("div", { class: "actions" }, accept, button([text("claims.decline"), context()], decline)),
  );
}

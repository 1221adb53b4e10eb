// A claim in the list of what waits: what is claimed, what is recorded, and the answer.

import { announceChange } from "../../changes.js";
import { button, element, isolated } from "../../components.js";
import { text } from "../../localization.js";
import { answerInWords, MAX_CLAIMS } from "./claim.js";
import { detailsButton, labelled, lessonLine, notesBeside, saying } from "./item-parts.js";

/** The reason if another person, or another tab, was faster. */
const ANSWERED = "CLAIM_ANSWERED";
/** What the API takes in notes (docs/api.md). */
const MAX_CHARACTERS = 2000;

function heading(details, { student_name: name, claimed_status: claimed, suggested_status: suggested }, recorded) {
  return element(
    "div",
    { class: "headline" },
    element("h3", {}, isolated(name)),
    labelled("claims.was", claimed),
    labelled("claims.now", recorded),
    suggested && labelled("claims.suggested", suggested, { suggested: true }),
    details,
  );
}

function recordedNow({ students }, { student_id: studentId }) {
  const { attendance_status: status, attendance_source: source } =
    students.find(({ student_id: id }) => id === studentId) ?? {};
  return source === "system_default" ? null : status;
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

/** Make what an answered claim shows instead: the claim in one line, and its answer. */
function answered(claim) {
  return [
    element(
      "p",
      {},
      element("strong", {}, isolated(claim.student_name)),
      ` ${text("claims.saidShort", { status: text(`common.status.${claim.claimed_status}`) })}`,
    ),
    answerInWords(claim),
  ];
}

/** Make a claim's item (waiting-items.js): `{ content, look }`; `look()` returns what stands there if it was answered. */
export function claimItem({ claim, session }, { attempt, call, signal, open, settle }) {
  const note = answerField(claim);
  let isSending = false;

  /** Read a claim again; null if that fails: then what is shown stays, with the message that it is out of date. */
  async function readAgain() {
    try {
      const query = { session_id: session.id, page_size: MAX_CLAIMS };
      const { claims } = await call("/api/claims", { query, signal });
      return claims.find(({ claim_id: id }) => id === claim.claim_id) ?? null;
    } catch {
      return null;
    }
  }

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
    const newest = answer?.claim ?? (isOutdated ? await readAgain() : null);
    if (newest) settle(answered(newest));
    else if (isOutdated) announceChange(session.id);
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
  const content = [
    heading(detailsButton(session, open), claim, recordedNow(session, claim)),
    lessonLine(session),
    element(
      "div",
      { class: "sayings" },
      saying(claim.note, { name: claim.raised_by_name, role: claim.raised_by_role, at: claim.raised_at }),
      notesBeside(session, claim.student_id),
    ),
    element(
      "div",
      { class: "answering" },
      note.element,
      element("div", { class: "actions" }, accept, button([text("claims.decline"), context()], decline)),
    ),
  ];

  async function look() {
    const newest = await readAgain();
    return newest && newest.state !== claim.state ? answered(newest) : null;
  }

  return { content, look };
}

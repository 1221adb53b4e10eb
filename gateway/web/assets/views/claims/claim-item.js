// A claim in the list of what waits: what is claimed, what is recorded, and the answer.

import { announceChange } from "../../changes.js";
import { element, isolated, NOT_MARKED } from "../../components.js";
import { text } from "../../localization.js";
import { answerForm } from "./answering.js";
import { answerInWords, MAX_CLAIMS } from "./claim.js";
import { factsLine } from "./facts-line.js";
import { detailsButton, labelled, lessonLine, notesBeside, reviewButton, saying } from "./item-parts.js";

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
  return source === NOT_MARKED ? null : status;
}

/** Say that a claim asks for what is marked by now; nothing where it asks for something else. */
function agreement({ claimed_status: claimed }, recorded) {
  if (claimed !== recorded) return [];
  return element("p", { class: "agrees" }, text("claims.agrees", { status: text(`common.status.${claimed}`) }));
}

/** Make what an answered claim shows instead: the claim in one line, its lesson, and its answer. */
function answered(claim, session, open) {
  const words = element(
    "p",
    {},
    element("strong", {}, isolated(claim.student_name)),
    ` ${text("claims.saidShort", { status: text(`common.status.${claim.claimed_status}`) })}`,
  );
  return [
    element("div", { class: "headline" }, words, detailsButton(session, open)),
    lessonLine(session),
    answerInWords(claim),
  ];
}

/** Make a claim's item (waiting-items.js): `{ content, look }`; `look()` returns what stands there if it was answered. */
export function claimItem({ claim, session }, { identity, attempt, call, signal, open, settle }) {
  /**
   * An answer is final, but the mark that was accepted with it can be changed. Accepting marks the student alone: say that
   * the tutor's mark is still open, if it is.
   */
  function markAfter({ state }) {
    if (state !== "accepted") return [];
    if (session.tutor_attendance_source !== NOT_MARKED) return [element("p", {}, reviewButton(session, open))];
    const words = text(identity.role === "tutor" ? "claims.ownMarkOpen" : "claims.tutorsMarkOpen");
    return [element("p", {}, words, " ", reviewButton(session, open))];
  }

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

  async function showAnswer() {
    const newest = await readAgain();
    if (newest) settle(answered(newest, session, open));
    else announceChange(session.id);
  }

  const form = answerForm(claim, {
    attempt,
    onAnswered: ({ claim: newest }) => settle([...answered(newest, session, open), ...markAfter(newest)]),
    onOutdated: showAnswer,
  });

  const recorded = recordedNow(session, claim);
  const content = [
    heading(detailsButton(session, open), claim, recorded),
    agreement(claim, recorded),
    lessonLine(session),
    factsLine(session, claim.student_id, { call, signal }),
    element(
      "div",
      { class: "sayings" },
      saying(claim.note, { name: claim.raised_by_name, role: claim.raised_by_role, at: claim.raised_at }),
      notesBeside(session, claim.student_id),
    ),
    form,
  ];

  async function look() {
    const newest = await readAgain();
    return newest && newest.state !== claim.state ? answered(newest, session, open) : null;
  }

  return { content, look };
}

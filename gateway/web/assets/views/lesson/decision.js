// The decision on one session: the suggestion and the form beside what is recorded, and what changes in between.

import { call } from "../../api.js";
import { element } from "../../components.js";
import { text } from "../../localization.js";
import { absencesSection } from "./absences.js";
import { claimsSection } from "./claims.js";
import { CHANGES, lastDecision, SESSION_CHANGED, SUGGESTION_CHANGED } from "./conflicts.js";
import { decisionForm } from "./decision-form.js";
import { DECIDED_ON, isSubstitute, labelOf } from "./people.js";
import { withdrawableBy } from "./permissions.js";
import { recordSection } from "./record.js";
import { suggestionSection } from "./suggestion.js";
import { askToWithdraw, withdraw } from "./withdrawal.js";

const REFRESH_MS = 30_000;
/** Return the API's path of a session. */
export function sessionPath(sessionId) {
  return `/api/tutor/sessions/${sessionId}`;
}

/** Return the session as it is stored after a decision, as far as the answer to it says. */
function storedAfter(session, decision, { success: _, session_id: __, ...stored }) {
  const isDecided = (person) => decision.use_suggestion || decision[`${person}_attendance_status`];
  const sources = DECIDED_ON.map((person) => {
    const name = `${person}_attendance_source`;
    return [name, isDecided(person) ? stored.attendance_source : session[name]];
  });
  return { ...session, ...stored, ...Object.fromEntries(sources) };
}

/**
 * Record a decision. Returns `{ stored, isClaim }`: the session as it is stored then, and whether a parent's word became a
 * claim, as the policy says. It takes no signal: a call that is cut off may have been carried out or not.
 */
async function save(session, decision) {
  const { claim_id: claim, ...answer } = await call(`${sessionPath(session.id)}/attendance`, {
    method: "PUT",
    body: decision,
  });
  const stored = await call(sessionPath(session.id)).catch(() => storedAfter(session, decision, answer));
  return { stored, isClaim: claim !== undefined };
}

/** Return whether there may be something to suggest: then room is kept for it. */
function mayHaveFacts(session) {
  return Boolean(session.whiteboard_id) && Date.parse(session.scheduled_start) < Date.now();
}

/**
 * Make the part. `session` is the session as it was when the dialog was opened, `identity` who is signed in, `allowed`
 * what `permissionsOf` returns. `draft` keeps what was typed. `frame` is the dialog: its `notice`, `closed` (a signal
 * that is aborted when it is closed), `ask()`, `leave()` and `close()`. `history` is the section with the past decisions.
 *
 * `begin()` loads the suggestion. `isBusy()` is whether a decision is being sent, `isTyped()` whether
 * there are unsaved notes. After a decision `onDecided(session)` is called and the dialog closed; after a withdrawal it
 * stays open, to decide anew. `onChanged(session)` is called when something else about it has changed.
 */
export function decisionPart({ session: first, identity, allowed, draft, frame, history, onDecided, onChanged }) {
  let session = first;
  /** The suggestion that is shown; null while none is, and then none can be accepted. */
  let suggestion = null;
  let lastRead = 0;
  let isSaving = false;
  const { notice, closed } = frame;
  const absences = absencesSection({ frame, attempt, onChanged: showChanged });
  const claims = claimsSection({ identity, frame, attempt, onChanged: showChanged });
  const record = recordSection({ onWithdraw: takeBack });
  const facts = suggestionSection({ accepts: allowed.accepts, isLarge: mayHaveFacts(first), onAccept: accept });
  const form = allowed.marks.length
    ? decisionForm({
        session: first,
        people: allowed.marks,
        excuses: allowed.excuses,
        labelOf: (person) => labelOf(person, first),
        draft,
        onDecide: decideByHand,
        onCancel: frame.leave,
      })
    : null;
  const substituteHint = element("p", { class: "hint", hidden: true }, text("lesson.substitute"));

  function withdrawableNow() {
    const { tutor, students } = withdrawableBy(identity.role, session);
    return { tutor: tutor && !isStandingIn(), students };
  }

  function showRecord() {
    const { tutor, students } = withdrawableNow();
    record.show(session, { mayWithdraw: tutor || students.length > 0 });
  }

  function isStandingIn() {
    return identity.role === "tutor" && suggestion !== null && isSubstitute(identity.userId, suggestion);
  }

  /** Only the suggestion names the tutor who is judged. */
  function showAsSubstitute() {
    substituteHint.hidden = false;
    facts.forbid();
    form?.only(["student"]);
    showRecord();
  }

  function showSession(newer) {
    session = newer;
    showRecord();
    form?.show(session);
    absences.show(session, allowed.announces);
    if (allowed.seesClaims) claims.show(session, allowed.claims);
  }

  /** Read the suggestion and show it. An answer that comes after a later one was asked for is dropped. */
  async function readSuggestion() {
    lastRead += 1;
    const thisRead = lastRead;
    const answer = await call(`${sessionPath(session.id)}/attendance-suggestion`, { signal: closed });
    if (thisRead !== lastRead) return;
    suggestion = answer;
    facts.show(suggestion, session);
    if (isStandingIn()) showAsSubstitute();
    if (allowed.accepts) form?.suggest(suggestion);
  }

  async function loadSuggestion() {
    try {
      await readSuggestion();
    } catch (problem) {
      // An older suggestion that is still shown is better than none.
      if (!closed.aborted && !suggestion) facts.fail(problem, loadSuggestion);
    }
  }

  /** Replace a suggestion that is out of date. Until the new one is shown, none can be accepted. */
  async function replaceSuggestion() {
    suggestion = null;
    facts.withdraw();
    form?.suggest(null);
    await loadSuggestion();
    return text(suggestion ? "lesson.changed.suggestion" : "lesson.changed.suggestionNotLoaded");
  }

  /** Read again what has changed, show it, and return a sentence about it. */
  async function refresh(reason) {
    if (reason === SUGGESTION_CHANGED) {
      const sentence = await replaceSuggestion();
      facts.focus();
      return sentence;
    }
    const [newer, decided] = await Promise.all([
      call(sessionPath(session.id), { signal: closed }),
      lastDecision(session, closed),
    ]);
    showSession(newer);
    history.forget();
    await loadSuggestion();
    record.focus();
    return reason === SESSION_CHANGED ? text("lesson.changed.session") : decided;
  }

  async function explain(problem, again) {
    if (!CHANGES.has(problem.reason)) {
      notice.warn(problem, again);
      return;
    }
    try {
      notice.warn({ message: await refresh(problem.reason), mayPass: false });
    } catch (another) {
      if (!closed.aborted) notice.warn(another, () => explain(problem, again));
    }
  }

  /** Read the session again after something about it has changed, and say what. */
  async function showChanged(sentence) {
    showSession(await call(sessionPath(session.id), { signal: closed }));
    history.forget();
    notice.say(sentence);
    onChanged(session);
  }

  /** Do something that changes the session, and return what came of it; null if it failed, which is said then. */
  async function attempt(work, again) {
    if (isSaving) return null;
    isSaving = true;
    const origin = document.activeElement;
    notice.say(text("lesson.saving"));
    try {
      const stored = await work();
      isSaving = false;
      return stored;
    } catch (problem) {
      isSaving = false;
      if (closed.aborted) return null;
      await explain(problem, () => {
        origin.focus();
        again();
      });
      return null;
    }
  }

  async function send(decision, again) {
    const saved = await attempt(() => save(session, decision), again);
    if (!saved) return;
    draft.forget();
    if (saved.isClaim) {
      showSession(saved.stored);
      form.reset();
      notice.say(text("claims.became"));
      onChanged(session);
      return;
    }
    onDecided(saved.stored);
    frame.close();
  }

  async function sendWithdrawal(asked) {
    const stored = await attempt(
      () => withdraw(session, asked),
      () => sendWithdrawal(asked),
    );
    if (!stored) return;
    showSession(stored);
    history.forget();
    notice.say(text("lesson.withdrawal.done"));
    onDecided(stored);
    record.focus();
  }

  async function takeBack() {
    if (isSaving) return;
    const asked = await askToWithdraw(frame, withdrawableNow(), session);
    if (asked !== null && !closed.aborted) await sendWithdrawal(asked);
  }

  function accept() {
    // "Try again" in a message outlives the suggestion that it was about.
    if (!suggestion) return;
    const decision = form.decision({ withStatuses: false });
    if (decision) send({ ...decision, use_suggestion: true, etag: suggestion.etag }, accept);
  }

  function decideByHand() {
    const decision = form.decision({ withStatuses: true });
    if (decision) send(decision, decideByHand);
  }

  const refreshing = setInterval(() => {
    if (suggestion?.provisional && !document.hidden) loadSuggestion();
  }, REFRESH_MS);
  closed.addEventListener("abort", () => clearInterval(refreshing), { once: true });
  showSession(first);
  if (form && draft.read()) {
    form.restore(draft.read());
    notice.say(text("lesson.restored"));
  }
  const hint = allowed.hint && element("p", { class: "hint" }, allowed.hint);
  return {
    element: element(
      "div",
      { class: "decision" },
      substituteHint,
      facts.element,
      hint,
      absences.element,
      record.element,
      claims.element,
      form?.element,
    ),
    begin: loadSuggestion,
    isBusy: () => isSaving,
    isTyped: () => form?.isTyped() ?? false,
  };
}

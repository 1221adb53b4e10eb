// Deciding on one lesson: reading what is suggested, sending the decision, and what changes in between.

import { call } from "../../api.js";
import { announceChange, onChange } from "../../changes.js";
import { text } from "../../localization.js";
import { withdraw } from "../../writes.js";
import { CHANGES, lastDecision, SESSION_CHANGED, SUGGESTION_CHANGED } from "./conflicts.js";
import { reviewView } from "./review-view.js";
import { save, sessionPath } from "./saving.js";
import { askToWithdraw } from "./withdrawal.js";

const REFRESH_MS = 30_000;

/**
 * Make the part. `session` is the session as it was when the review was opened, `identity` who is signed in, `allowed`
 * what `permissionsOf` returns. `draft` keeps what was typed. `frame` is that of frame.js. `othersOf({ attempt, onChanged })`
 * makes what else is read and changed: `{ show(session), forget() }`.
 *
 * `begin()` loads the suggestion. `isBusy()` is whether a decision is being sent, `isTyped()` whether there are unsaved
 * notes. After a decision `onDecided(session)` is called and the review closed; after a withdrawal it stays open, to decide
 * anew. `onChanged(session)` is called when something else about it has changed.
 */
export function decisionPart({ session: first, identity, allowed, draft, frame, othersOf, onDecided, onChanged }) {
  let session = first;
  /** The suggestion that is shown; null while none is, and then none can be accepted. */
  let suggestion = null;
  let lastRead = 0;
  let isSaving = false;
  const { notice, closed } = frame;
  const hasFacts = !allowed.isToCome && !allowed.isCancelled;
  const view = reviewView({
    session: first,
    identity,
    allowed,
    draft,
    noticeElement: notice.element,
    onDecide: decide,
    onWithdraw: takeBack,
  });
  const others = othersOf({ attempt, onChanged: showChanged });

  function showSession(newer) {
    session = newer;
    view.show(session, suggestion);
    others.show(session);
  }

  /** Read the suggestion and show it. An answer that comes after a later one was asked for is dropped. */
  async function readSuggestion() {
    lastRead += 1;
    const thisRead = lastRead;
    const answer = await call(`${sessionPath(session.id)}/attendance-suggestion`, { signal: closed });
    if (thisRead !== lastRead) return;
    suggestion = answer;
    view.show(session, suggestion);
  }

  async function loadSuggestion() {
    try {
      await readSuggestion();
    } catch (problem) {
      // An older suggestion that is still shown is better than none.
      if (!closed.aborted && !suggestion) view.facts.fail(problem, loadSuggestion);
    }
  }

  /** Replace a suggestion that is out of date. Until the new one is shown, none can be accepted. */
  async function replaceSuggestion() {
    suggestion = null;
    view.show(session, suggestion);
    await loadSuggestion();
    view.people.focus();
    return text(suggestion ? "lesson.changed.suggestion" : "lesson.changed.suggestionNotLoaded");
  }

  /** Read again what has changed, show it, and return a sentence about it. */
  async function refresh(reason) {
    if (reason === SUGGESTION_CHANGED) return replaceSuggestion();
    const [newer, decided] = await Promise.all([
      call(sessionPath(session.id), { signal: closed }),
      lastDecision(session, closed, "decided"),
    ]);
    showSession(newer);
    others.forget();
    await loadSuggestion();
    view.record.focus();
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
    others.forget();
    notice.say(sentence);
    onChanged(session);
  }

  /** Show what another tab, or another part of the page, has written; what was typed here stays. */
  async function follow(sessionId) {
    if (sessionId !== session.id || isSaving) return;
    try {
      const newer = await call(sessionPath(session.id), { signal: closed });
      const isDecided = newer.attendance_etag !== session.attendance_etag;
      showSession(newer);
      if (!isDecided) return;
      others.forget();
      view.settle();
      notice.say(await lastDecision(session, closed, "elsewhere"));
    } catch {
      // Whoever saves finds out.
    }
  }

  /** Do something that changes the session, and return what came of it; null if it failed, which is said then. */
  async function attempt(work, again) {
    if (isSaving) return null;
    isSaving = true;
    const origin = document.activeElement;
    notice.say(text("lesson.saving"));
    try {
      const done = await work();
      announceChange(session.id);
      return done;
    } catch (problem) {
      isSaving = false;
      if (closed.aborted) return null;
      await explain(problem, () => {
        origin.focus();
        return again();
      });
      return null;
    } finally {
      isSaving = false;
    }
  }

  async function send(decision) {
    const saved = await attempt(() => save(session, decision), decide);
    if (!saved) return;
    if (saved.isClaim) {
      view.reset();
      showSession(saved.stored);
      view.settle();
      notice.say(text("claims.became"));
      onChanged(session);
      return;
    }
    draft.forget();
    onDecided(saved.stored);
    frame.close();
  }

  async function decide() {
    const decision = view.decision();
    if (decision === undefined) notice.say(text("lesson.nothingToSave"));
    if (decision) await send(decision);
  }

  async function sendWithdrawal(asked) {
    const stored = await attempt(
      () => withdraw(session, asked),
      () => sendWithdrawal(asked),
    );
    if (!stored) return;
    showSession(stored);
    others.forget();
    notice.say(text("lesson.withdrawal.done"));
    onDecided(stored);
    view.record.focus();
  }

  async function takeBack() {
    if (isSaving) return;
    const asked = await askToWithdraw(frame, view.withdrawable(), session, identity);
    if (asked !== null && !closed.aborted) await sendWithdrawal(asked);
  }

  const refreshing = setInterval(() => {
    if (suggestion?.provisional && !document.hidden) loadSuggestion();
  }, REFRESH_MS);
  closed.addEventListener("abort", () => clearInterval(refreshing), { once: true });
  onChange(follow, closed);
  showSession(first);
  if (!hasFacts) view.leaveOutPeople();
  if (allowed.marks.length && draft.read()) {
    view.restore(draft.read());
    notice.say(text("lesson.restored"));
  }
  return {
    element: view.element,
    begin: () => (hasFacts ? loadSuggestion() : undefined),
    isBusy: () => isSaving,
    isTyped: () => allowed.marks.length > 0 && view.isTyped(),
  };
}

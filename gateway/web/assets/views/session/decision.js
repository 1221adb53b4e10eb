// The decision on one session: the suggestion and the form beside what is stored, and what comes in between.

import { element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { manualForm } from "./manual-form.js";
import { isGroupClass } from "./people.js";
import { recordSection } from "./record.js";
import { lastDecision, readSession, readSuggestion, save } from "./saving.js";
import { suggestionSection } from "./suggestion.js";

const REFRESH_MS = 30_000;
const SUGGESTION_CHANGED = "SUGGESTION_CHANGED";
/** Somebody decided or moved the session in between. */
const SESSION_CHANGES = new Set(["ATTENDANCE_CHANGED", "SESSION_CHANGED"]);

/** Whether there may be something to judge: then room is kept for it. */
function mayHaveFacts(session) {
  return Boolean(session.whiteboard_id) && Date.parse(session.scheduled_start) < Date.now();
}

/**
 * Make the part. `begin()` loads the suggestion; `isBusy()` tells that a decision is on its way, `isTyped()` that there
 * are notes that nobody has saved. `onDecided(session)` is called after a decision, and the dialog closes.
 */
export function decisionPart({ session: first, allowed, draft, shell, history, onDecided }) {
  let session = first;
  let suggestion = null;
  let isSaving = false;
  const { notice, gone } = shell;
  const record = recordSection();
  const facts = suggestionSection({ accepts: allowed.accepts, isLarge: mayHaveFacts(first), onAccept: accept });
  const form = allowed.marks.length
    ? manualForm({ people: allowed.marks, draft, onDecide: decideByHand, onCancel: shell.leave }) : null;

  /** Only now it is known that the class has others, of whom parents are told nothing. */
  const ofAClass = element("p", { class: "hint" }, text("session.parentOfClass"));

  function showSession(newer) {
    session = newer;
    record.show(session);
    form?.show(session);
  }

  async function loadSuggestion() {
    try {
      suggestion = await readSuggestion(session.id, gone);
      facts.show(suggestion, session);
      if (!allowed.accepts && isGroupClass(suggestion, session)) form?.element.replaceWith(ofAClass);
    } catch (problem) {
      // What was shown a moment ago is better than nothing.
      if (!gone.aborted && !suggestion) facts.fail(problem, loadSuggestion);
    }
  }

  /** Read again what has changed in between, and tell so where it is shown. */
  async function lookAgain(reason) {
    if (reason === SUGGESTION_CHANGED) {
      suggestion = null;
      await loadSuggestion();
      facts.focus();
      return text("session.changed.suggestion");
    }
    const [newer, decided] = await Promise.all([readSession(session.id, gone), lastDecision(session.id, gone)]);
    showSession(newer);
    history.forget();
    await loadSuggestion();
    record.focus();
    return reason === "SESSION_CHANGED" ? text("session.changed.session") : decided;
  }

  async function tell(problem, decide) {
    if (problem.reason !== SUGGESTION_CHANGED && !SESSION_CHANGES.has(problem.reason)) {
      notice.warn(problem, decide);
      return;
    }
    try {
      notice.warn({ message: await lookAgain(problem.reason), mayPass: false });
    } catch (another) {
      if (!gone.aborted) notice.warn(another, () => tell(problem, decide));
    }
  }

  async function send(decision, again) {
    if (isSaving) return;
    isSaving = true;
    const origin = document.activeElement;
    notice.say(text("session.saving"));
    try {
      const stored = await save(session, decision);
      draft.forget();
      isSaving = false;
      onDecided(stored);
      shell.close();
    } catch (problem) {
      isSaving = false;
      if (!gone.aborted) await tell(problem, () => { origin.focus(); again(); });
    }
  }

  function accept() {
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
  gone.addEventListener("abort", () => clearInterval(refreshing), { once: true });
  showSession(first);
  if (form && draft.read()) {
    form.restore(draft.read());
    notice.say(text("session.restored"));
  }
  return {
    element: element("div", { class: "decision" }, facts.element,
      allowed.hint && element("p", { class: "hint" }, allowed.hint), record.element, form?.element),
    begin: loadSuggestion,
    isBusy: () => isSaving,
    isTyped: () => form?.isTyped() ?? false,
  };
}

// The review of one lesson: what is suggested and why, what is recorded, and the decision.

import { call } from "../../api.js";
import { button, element, isolated, loadStyle, notices } from "../../components.js";
import { day, lessonStatus, scheduledTime, text } from "../../localization.js";
import { decisionPart, sessionPath } from "./decision.js";
import { historySection } from "./history.js";
import { permissionsOf } from "./permissions.js";
import { ask } from "./question.js";

const TITLE_ID = "session-title";
/** What a dialog returns that a person closed; one that goes away with the view below it returns nothing. */
const CLOSED_BY_PERSON = "closed by person";

function discardQuestion() {
  return {
    title: text("lesson.unsaved.title"),
    content: element("p", {}, text("lesson.unsaved.question")),
    agree: text("lesson.unsaved.discard"),
    refuse: text("lesson.unsaved.keep"),
    isSafe: false,
  };
}

/**
 * Open an empty dialog and return `{ title, body, notice, ask, close, leave, closed }`. `leave()` closes it, unless
 * `isBusy()`, and asks first if `isUnsaved()`; `close()` closes it at once. `ask` asks as in question.js. `closed` is a
 * signal that is aborted when it is closed.
 * `onClosed(byPerson)` is called then: what was typed may be discarded if a person closed it.
 */
function openFrame({ signal, isBusy, isUnsaved, onClosed }) {
  const title = element("h2", { id: TITLE_ID, tabindex: -1, autofocus: true }, text("lesson.title"));
  const body = element("div", { class: "body" });
  const notice = notices();
  const closed = new AbortController();
  let isAsking = false;

  async function askHere(question) {
    isAsking = true;
    const agreed = await ask(dialog, question);
    isAsking = false;
    return agreed;
  }

  async function leave() {
    if (isAsking || isBusy()) return;
    if (isUnsaved() && !(await askHere(discardQuestion()))) return;
    dialog.close(CLOSED_BY_PERSON);
  }

  const dialog = element(
    "dialog",
    { class: "session-dialog", "aria-labelledby": TITLE_ID },
    element("div", { class: "top" }, title, button(text("common.close"), leave)),
    body,
    notice.element,
  );
  // Escape reaches the dialog itself only while the focus is inside, and browsers close it at the second press.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.isComposing || isAsking) return;
      event.preventDefault();
      leave();
    },
    { signal: closed.signal },
  );
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("close", (event) => {
    if (event.target !== dialog) return;
    closed.abort();
    dialog.remove();
    onClosed(dialog.returnValue === CLOSED_BY_PERSON);
  });
  addEventListener(
    "beforeunload",
    (event) => {
      if (isUnsaved()) event.preventDefault();
    },
    { signal: closed.signal },
  );
  signal.addEventListener("abort", () => dialog.close(), { once: true });
  document.getElementById("main").append(dialog);
  dialog.showModal();
  const close = () => dialog.close(CLOSED_BY_PERSON);
  return { title, body, notice, ask: askHere, leave, close, closed: closed.signal };
}

/** What was typed and not saved, while the page is open: the browser's back button leaves without asking. */
const drafts = new Map();

function draftOf(userId, sessionId) {
  const key = `${userId}/${sessionId}`;
  return {
    read: () => drafts.get(key) ?? null,
    keep: (draft) => drafts.set(key, draft),
    forget: () => drafts.delete(key),
  };
}

function headline(session) {
  return element(
    "div",
    { class: "facts-of-session" },
    element(
      "p",
      {},
      text("lesson.when", {
        day: day(session.session_date),
        start: scheduledTime(session.start_time),
        end: scheduledTime(session.end_time),
        status: lessonStatus(session.status),
      }),
    ),
    element(
      "p",
      { class: "quiet" },
      isolated(session.tutor_name),
      text("lesson.inRole", { role: text("common.role.tutor") }),
      session.students.flatMap(({ name }) => [" · ", isolated(name)]),
    ),
  );
}

/** Few sessions run at present, so this is loaded for them alone. Where it can't be loaded, the dialog does without. */
async function showWhoIsThere(above, session, { identity, signal }) {
  const place = element("div", { id: "live" });
  above.append(place);
  const module = await import("../../live.js").catch(() => null);
  if (module) module.showLive(place, session, { identity, signal });
  else place.remove();
}

function skeleton() {
  return element("p", { class: "skeleton", role: "status" }, text("lesson.loading"));
}

/**
 * Open the review of a lesson over the present view: tutors and admins decide, parents report, students read. `place` is an
 * element beside the list, where there is room for it.
 * `onDecided(session)` is called with the session as it is stored after a decision, `onChanged(session)` when something
 * else was changed, `onClosed()` whenever the dialog is closed. Aborting `signal` closes it.
 */
export async function openLesson(
  sessionId,
  { identity, signal, onDecided, onChanged = () => {}, onClosed, place: _place = null },
) {
  await loadStyle("lesson");
  if (signal.aborted) return;
  const draft = draftOf(identity.userId, sessionId);
  let part = null;
  const frame = openFrame({
    signal,
    isBusy: () => part?.isBusy() ?? false,
    isUnsaved: () => part?.isTyped() ?? false,
    onClosed(byPerson) {
      if (byPerson) draft.forget();
      onClosed();
    },
  });

  async function load() {
    frame.body.replaceChildren(skeleton());
    try {
      show(await call(sessionPath(sessionId), { signal: frame.closed }));
    } catch (problem) {
      if (frame.closed.aborted) return;
      frame.body.replaceChildren();
      frame.notice.warn(problem, load);
    }
  }

  function show(session) {
    const allowed = permissionsOf(identity.role, session);
    const history = historySection(session, frame.closed);
    frame.title.textContent = session.course_name;
    part = decisionPart({ session, identity, allowed, draft, frame, history, onDecided, onChanged });
    frame.body.replaceChildren(headline(session), part.element, history.element);
    if (allowed.watches) showWhoIsThere(frame.body.firstChild, session, { identity, signal: frame.closed });
    part.begin();
  }

  await load();
}

// One session: what is suggested and why, what is stored, and the decision.

import { element } from "../../elements.js";
import { day, scheduledTime } from "../../format.js";
import { hasText, text } from "../../strings/index.js";
import { decisionPart } from "./decision.js";
import { historyPart } from "./history.js";
import { permissions } from "./permissions.js";
import { readSession } from "./saving.js";
import { openShell } from "./shell.js";

/** What people typed and did not save, while the page is open: the browser's own buttons leave without asking. */
const drafts = new Map();

function draftOf(userId, sessionId) {
  const key = `${userId}/${sessionId}`;
  return {
    read: () => drafts.get(key) ?? null,
    keep: (draft) => drafts.set(key, draft),
    forget: () => drafts.delete(key),
  };
}

function facts(session) {
  const status = session.status.replace("_", "-");
  return element("div", { class: "facts-of-session" },
    element("p", {}, text("session.when", {
      day: day(session.session_date),
      start: scheduledTime(session.start_time),
      end: scheduledTime(session.end_time),
      status: hasText(`common.lesson.${status}`) ? text(`common.lesson.${status}`) : session.status,
    })),
    element("p", { class: "quiet" },
      element("bdi", {}, session.tutor_name), text("session.inRole", { role: text("common.role.tutor") }),
      session.students.map(({ name }) => [" · ", element("bdi", {}, name)]).flat()));
}

/** Few sessions run at the moment, so the others need not load this. Whoever can't have it does without. */
async function watch(above, whiteboardId, signal) {
  const place = element("p", { id: "live" });
  above.append(place);
  const module = await import("./live.js").catch(() => null);
  if (module) module.live(place, whiteboardId, signal);
  else place.remove();
}

function skeleton() {
  return element("p", { class: "skeleton", role: "status" }, text("session.loading"));
}

/**
 * Open a session in a dialog over the present view. What it offers depends on whose eyes it is for: tutors and admins
 * decide, parents report, students look. `onDecided(session)` is called with the session as it is stored after a
 * decision; `onClosed()` when the dialog is gone, by whatever way. Aborting `signal` closes it.
 */
export async function openSession(sessionId, { identity, signal, onDecided, onClosed }) {
  const draft = draftOf(identity.userId, sessionId);
  let part = null;
  const shell = openShell({
    signal,
    isBusy: () => part?.isBusy() ?? false,
    isUnsaved: () => part?.isTyped() ?? false,
    onClosed(isMeant) {
      if (isMeant) draft.forget();
      onClosed();
    },
  });

  async function load() {
    shell.body.replaceChildren(skeleton());
    try {
      show(await readSession(sessionId, shell.gone));
    } catch (problem) {
      if (shell.gone.aborted) return;
      shell.body.replaceChildren();
      shell.notice.warn(problem, load);
    }
  }

  function show(session) {
    const allowed = permissions(identity.role, session);
    const history = historyPart(sessionId, shell.gone);
    shell.title.textContent = session.course_name;
    part = decisionPart({ session, allowed, draft, shell, history, onDecided });
    shell.body.replaceChildren(facts(session), part.element, history.element);
    if (allowed.watches) watch(shell.body.firstChild, session.whiteboard_id, shell.gone);
    part.begin();
  }

  await load();
}

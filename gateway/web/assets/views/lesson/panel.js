// The review of one lesson, beside or over the view from which it is opened.

import { call } from "../../api.js";
import { element, loadStyle } from "../../components.js";
import { text } from "../../localization.js";
import { decisionPart } from "./decision.js";
import { openFrame } from "./frame.js";
import { headline } from "./headline.js";
import { otherParts } from "./others.js";
import { permissionsOf } from "./permissions.js";
import { sessionPath } from "./saving.js";

/** A class of more students gets the whole window. */
const MAX_STUDENTS_BESIDE = 6;

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

/** Few lessons go on at present, so this is loaded for them alone. Where it can't be loaded, the review does without. */
async function showWhoIsThere(session, identity, above, signal) {
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
 * Open the review of a lesson: tutors and admins decide, parents report, students read. It stands in `place`, an element
 * beside the list, if there is one and the window is wide enough; else it is a dialog.
 * `onDecided(session)` is called with the session as it is stored after a decision, `onChanged(session)` when something
 * else was changed, `onClosed()` whenever the review is closed. Aborting `signal` closes it.
 */
export async function openLesson(
  sessionId,
  { identity, signal, onDecided, onChanged = () => {}, onClosed, place = null },
) {
  await loadStyle("lesson");
  if (signal.aborted) return;
  const draft = draftOf(identity.userId, sessionId);
  let part = null;
  const frame = openFrame({
    signal,
    place,
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
    const others = otherParts({ session, identity, allowed, frame });
    frame.title.textContent = session.course_name;
    frame.about.replaceChildren(...headline(session, identity));
    if (session.students.length > MAX_STUDENTS_BESIDE) frame.widen();
    const { othersOf } = others;
    part = decisionPart({ session, identity, allowed, draft, frame, othersOf, onDecided, onChanged });
    frame.body.replaceChildren(others.before, part.element, others.after);
    if (allowed.watches) showWhoIsThere(session, identity, frame.about, frame.closed);
    part.begin();
  }

  await load();
}

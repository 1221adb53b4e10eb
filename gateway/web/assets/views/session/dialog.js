// One session: what is suggested and why, what is stored, and the decision.

import { call } from "../../api.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";

/**
 * Open a session in a dialog over the present view. What it offers depends on whose eyes it is for: tutors and admins
 * decide, parents report, students look. `onDecided(session)` is called with the session as it is stored after a decision;
 * `onClosed()` when the dialog is gone, by whatever way. Aborting `signal` closes it.
 */
export async function openSession(sessionId, { identity, signal, onDecided, onClosed }) {
  const title = element("h2", { tabindex: -1, autofocus: true });
  const dialog = element("dialog", { "aria-label": text("common.close"), onclose: () => { dialog.remove(); onClosed(); } }, title,
    button(text("common.close"), () => dialog.close()));
  document.getElementById("main").append(dialog);
  signal.addEventListener("abort", () => dialog.close(), { once: true });
  dialog.showModal();
  const session = await call(`/api/tutor/sessions/${sessionId}`, { signal });
  title.textContent = session.course_name;
  return { identity, onDecided };
}

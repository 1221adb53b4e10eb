// The dialog itself: opening, closing, and asking before what was typed is thrown away.

import { notices } from "../../components/notice.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";

const TITLE = "session-title";
/** What a dialog returns that somebody closed, in contrast to one that went away with the view below it. */
const MEANT = "meant";

/** Ask in a dialog over this one; return whether to throw away what was typed. */
function ask(parent) {
  return new Promise((resolve) => {
    const question = element("dialog",
      { role: "alertdialog", class: "question", "aria-label": text("session.unsaved.title") },
      element("p", {}, text("session.unsaved.question")),
      element("div", { class: "actions" },
        button(text("session.unsaved.keep"), () => question.close(), { class: "primary", autofocus: true }),
        button(text("session.unsaved.discard"), () => question.close(MEANT))));
    question.addEventListener("close", () => {
      question.remove();
      resolve(question.returnValue === MEANT);
    });
    parent.append(question);
    question.showModal();
  });
}

/**
 * Open an empty dialog and return `{ title, body, notice, close, leave, gone }`. `isBusy()` tells that it must not
 * close now, `isUnsaved()` that something was typed; `close()` closes it all the same, `leave()` asks first; `gone` is
 * a signal that it is closed. `onClosed(isMeant)` is told whether what was typed may be forgotten.
 */
export function openShell({ signal, isBusy, isUnsaved, onClosed }) {
  const title = element("h2", { id: TITLE, tabindex: -1, autofocus: true }, text("session.title"));
  const body = element("div", { class: "body" });
  const notice = notices();
  const gone = new AbortController();
  let asking = false;

  async function leave() {
    if (asking || isBusy()) return;
    if (isUnsaved()) {
      asking = true;
      const discard = await ask(dialog);
      asking = false;
      if (!discard) return;
    }
    dialog.close(MEANT);
  }

  const dialog = element("dialog", { class: "session-dialog", "aria-labelledby": TITLE },
    element("div", { class: "top" }, title, button(text("common.close"), leave)), body, notice.element);
  // Escape reaches the dialog itself only while the focus is inside; browsers let it close at the second press.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || asking) return;
    event.preventDefault();
    leave();
  }, { signal: gone.signal });
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("close", (event) => {
    if (event.target !== dialog) return;
    gone.abort();
    dialog.remove();
    onClosed(dialog.returnValue === MEANT);
  });
  addEventListener("beforeunload", (event) => { if (isUnsaved()) event.preventDefault(); }, { signal: gone.signal });
  signal.addEventListener("abort", () => dialog.close(), { once: true });
  document.getElementById("main").append(dialog);
  dialog.showModal();
  return { title, body, notice, leave, close: () => dialog.close(MEANT), gone: gone.signal };
}

// The frame of a review: a panel beside the list where there is room, else a sheet over it.

import { element, iconButton, notices } from "../../components.js";
import { text } from "../../localization.js";
import { ask } from "./question.js";

const TITLE_ID = "lesson-title";
/** From this width on, a panel has room beside a list. */
const WIDE_ENOUGH = matchMedia("(min-width: 70rem)");

function discardQuestion() {
  return {
    title: text("lesson.unsaved.title"),
    content: element("p", {}, text("lesson.unsaved.question")),
    agree: text("lesson.unsaved.discard"),
    refuse: text("lesson.unsaved.keep"),
    isSafe: false,
  };
}

/** Make a dialog over the page. `onCancel()` is called when the browser asks to close it. */
function sheet(review, onCancel) {
  const dialog = element("dialog", { class: "review-sheet", "aria-labelledby": TITLE_ID }, review);
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    onCancel();
  });
  return {
    element: dialog,
    isModal: true,
    show() {
      document.getElementById("main").append(dialog);
      dialog.showModal();
    },
    remove() {
      dialog.close();
      dialog.remove();
    },
  };
}

/** Make a panel in `place`. However far one has scrolled, it ends inside the window, so that its foot is in view. */
function panel(review, place) {
  const aside = element("aside", { class: "review-panel", "aria-labelledby": TITLE_ID }, review);
  const fit = () => aside.style.setProperty("--from", `${Math.round(aside.getBoundingClientRect().top)}px`);
  const gone = new AbortController();
  const moved = new ResizeObserver(fit);
  return {
    element: aside,
    isModal: false,
    show() {
      place.replaceChildren(aside);
      fit();
      moved.observe(document.body);
      addEventListener("scroll", fit, { passive: true, signal: gone.signal });
      addEventListener("resize", fit, { signal: gone.signal });
    },
    remove() {
      gone.abort();
      moved.disconnect();
      aside.remove();
    },
  };
}

/**
 * Open an empty review and return `{ title, about, body, notice, element, ask, widen, close, leave, closed }`. `place` is an
 * element beside the list; null: there is none. `leave()` closes it, unless `isBusy()`, and asks first if `isUnsaved()`;
 * `close()` closes it at once; `widen()` gives it the whole window. `ask` asks as in question.js. `closed` is a signal that is
 * aborted when it is closed. `onClosed(byPerson)` is called then: what was typed may be discarded if a person closed it.
 */
export function openFrame({ signal, place, isBusy, isUnsaved, onClosed }) {
  const title = element("h2", { id: TITLE_ID, tabindex: -1, autofocus: true }, text("lesson.title"));
  const about = element("div", { class: "about" });
  const body = element("div", { class: "body" });
  const notice = notices();
  const closed = new AbortController();
  const review = element(
    "div",
    { class: "review" },
    element(
      "div",
      { class: "top-line" },
      element("div", { class: "titles" }, title, about),
      iconButton("close", text("common.close"), leave),
    ),
    body,
    notice.element,
  );
  let isAsking = false;
  let isWide = false;
  let shown = null;

  async function askHere(question) {
    isAsking = true;
    const agreed = await ask(shown.element, question);
    isAsking = false;
    return agreed;
  }

  function close(byPerson = true) {
    if (closed.signal.aborted) return;
    closed.abort();
    shown.remove();
    onClosed(byPerson);
  }

  async function leave() {
    if (isAsking || isBusy()) return;
    if (isUnsaved() && !(await askHere(discardQuestion()))) return;
    close();
  }

  /** Put it where it belongs at this width. The focus goes with it. */
  function settle() {
    const isBeside = place !== null && !isWide && WIDE_ENOUGH.matches;
    if (shown && shown.isModal !== isBeside) return;
    const focused = document.activeElement;
    const wasInside = !shown || review.contains(focused);
    shown?.remove();
    shown = isBeside ? panel(review, place) : sheet(review, leave);
    shown.show();
    if (wasInside) (review.contains(focused) ? focused : title).focus({ preventScroll: !isBeside });
  }

  // Escape reaches the dialog itself only while the focus is inside, and browsers close it at the second press.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || isAsking) return;
      const isElsewhere = !shown.isModal && !review.contains(document.activeElement);
      if (isElsewhere || document.querySelector("dialog[open]:not(.review-sheet)")) return;
      event.preventDefault();
      leave();
    },
    { signal: closed.signal },
  );
  addEventListener(
    "beforeunload",
    (event) => {
      if (isUnsaved()) event.preventDefault();
    },
    { signal: closed.signal },
  );
  WIDE_ENOUGH.addEventListener("change", () => !isAsking && settle(), { signal: closed.signal });
  signal.addEventListener("abort", () => close(false), { once: true });
  settle();
  return {
    title,
    about,
    body,
    notice,
    element: review,
    ask: askHere,
    leave,
    close,
    closed: closed.signal,
    widen() {
      isWide = true;
      review.classList.add("wide");
      settle();
      shown.element.classList.add("wide");
    },
  };
}

// Accepting many suggestions at once: first exactly what would be written, then what was.

import { button, element } from "../../../components.js";
import { text } from "../../../localization.js";
import { previewOf, writerOf } from "./calls.js";
import { choiceList, leftGroups, writtenLine } from "./lines.js";

/** Sessions previewed at once; a button goes on with older ones. */
const PREVIEW_SIZE = 200;
const TITLE = "applying-title";

class BulkAccept {
  #title = element("h2", { id: TITLE, tabindex: -1, autofocus: true }, text("lessons.apply.title"));
  #said = element("p", { role: "status" });
  #problem = element("div", { class: "notice trouble", role: "alert" });
  #stage = element("div");
  #actions = element("div", { class: "actions" });
  #dialog = element(
    "dialog",
    { class: "applying", "aria-labelledby": TITLE },
    this.#title,
    element("p", { class: "quiet" }, text("lessons.apply.explained"), " ", text("lessons.apply.byHand")),
    this.#said,
    this.#problem,
    this.#stage,
    this.#actions,
  );
  #closed = new AbortController();
  #options;
  #preview = previewOf(this.#closed.signal);
  #leftOut = new Set();

  constructor(options) {
    this.#options = options;
    this.#dialog.addEventListener("close", () => this.#onClose());
    options.signal.addEventListener("abort", () => this.#dialog.close(), { once: true });
    document.getElementById("main").append(this.#dialog);
    this.#dialog.showModal();
  }

  #onClose() {
    this.#closed.abort();
    this.#dialog.remove();
    this.#options.onClosed();
  }

  #show(sentence, stage, actions) {
    this.#said.textContent = sentence;
    this.#problem.replaceChildren();
    this.#stage.replaceChildren(...stage.filter(Boolean));
    this.#actions.replaceChildren(...actions.filter(Boolean));
    // The element that had the focus may have been removed.
    if (document.activeElement === document.body) this.#title.focus();
  }

  #closeButton(key) {
    return button(text(key), () => this.#dialog.close());
  }

  /** Do some of the work, then show what it led to, also when it failed half-way. */
  async #attempt(work, show, again = null) {
    let problem = null;
    try {
      await work();
    } catch (failure) {
      problem = failure;
    }
    if (this.#closed.signal.aborted) return;
    show();
    if (!problem) return;
    const retry = again ? [button(text("common.retry"), again)] : [];
    this.#problem.append(element("p", {}, problem.message), ...retry);
  }

  async read() {
    const preview = this.#preview;
    const limit = preview.count + PREVIEW_SIZE;
    const sentence = () => text("lessons.apply.looking", { count: preview.count });
    this.#show(sentence(), [element("progress", { "aria-labelledby": TITLE })], [this.#closeButton("common.cancel")]);
    await this.#attempt(
      async () => {
        while (preview.hasMore && preview.count < limit) {
          await preview.nextPage();
          this.#said.textContent = sentence();
        }
      },
      () => this.#offer(),
      () => this.read(),
    );
  }

  #offer() {
    const { suggested, left, hasMore } = this.#preview;
    const chosen = () => suggested.filter((one) => !this.#leftOut.has(one));
    const apply = button("", () => this.#write(writerOf(chosen())), { class: "primary" });
    function showCount() {
      apply.textContent = text("lessons.apply.apply", { count: chosen().length });
      apply.disabled = chosen().length === 0;
    }
    showCount();
    const some = suggested.length > 0;
    this.#show(
      some ? "" : text("lessons.apply.nothing"),
      [
        some && choiceList(suggested, this.#leftOut, showCount),
        leftGroups(left, this.#options.linkTo),
        hasMore && button(text("lessons.apply.older"), () => this.read()),
      ],
      [some && apply, this.#closeButton("common.cancel")],
    );
  }

  async #write(writer) {
    const count = writer.pending.size;
    const done = () => count - writer.pending.size;
    let stopped = false;
    const bar = element("progress", { max: count, "aria-labelledby": TITLE });
    this.#show(
      "",
      [bar],
      [
        button(text("lessons.apply.stop"), () => {
          stopped = true;
        }),
      ],
    );
    await this.#attempt(
      async () => {
        while (writer.pending.size && !stopped) {
          bar.value = done();
          this.#said.textContent = text("lessons.apply.writing", { done: done(), count });
          this.#options.onWriting(writer.written);
          await writer.step(this.#closed.signal);
        }
      },
      () => this.#showOutcome(writer),
    );
  }

  #showOutcome(writer) {
    const { pending, written, left } = writer;
    const { linkTo } = this.#options;
    const rest = text("lessons.apply.rest", { count: pending.size });
    this.#show(
      text("lessons.apply.written", { count: written.length }),
      [
        written.length > 0 &&
          element(
            "ul",
            { class: "lines" },
            written.map((one) => writtenLine(one, linkTo)),
          ),
        leftGroups(left, linkTo),
      ],
      [
        pending.size > 0 && button(rest, () => this.#write(writer), { class: "primary" }),
        this.#closeButton("common.close"),
      ],
    );
  }
}

/**
 * Open the dialog. `linkTo(sessionId)` returns the address of a session. `onWriting(written)` is called before anything
 * is written, with a list that grows as sessions are; `onClosed()` when the dialog is closed. Aborting `signal` closes it.
 */
export function openBulkAccept(options) {
  return new BulkAccept(options).read();
}

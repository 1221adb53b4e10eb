// Accepting all suggestions that leave no doubt: first exactly what would be written, then what was.

import { button, element } from "../../../elements.js";
import { text } from "../../../strings/index.js";
import { lookingAt, writing } from "./calls.js";
import { choice } from "./choice.js";
import { leftGroups, writtenLine } from "./lines.js";

/** Each is judged for it; whoever has more asks for more. */
const LOOK_AT_MOST = 200;
const TITLE = "applying-title";

class Applying {
  #title = element("h2", { id: TITLE, tabindex: -1, autofocus: true }, text("sessions.apply.title"));
  #said = element("p", { role: "status" });
  #trouble = element("div", { class: "notice trouble", role: "alert" });
  #stage = element("div");
  #actions = element("div", { class: "actions" });
  #dialog = element("dialog", { class: "applying", "aria-labelledby": TITLE }, this.#title,
    element("p", { class: "quiet" }, text("sessions.apply.explained"), " ", text("sessions.apply.byHand")),
    this.#said, this.#trouble, this.#stage, this.#actions);
  #ending = new AbortController();
  #options;
  #found = lookingAt(this.#ending.signal);
  #leftOut = new Set();

  constructor(options) {
    this.#options = options;
    this.#dialog.addEventListener("close", () => this.#end());
    options.signal.addEventListener("abort", () => this.#dialog.close(), { once: true });
    document.getElementById("main").append(this.#dialog);
    this.#dialog.showModal();
  }

  #end() {
    this.#ending.abort();
    this.#dialog.remove();
    this.#options.onClosed();
  }

  #show(sentence, stage, actions) {
    this.#said.textContent = sentence;
    this.#trouble.replaceChildren();
    this.#stage.replaceChildren(...stage.filter(Boolean));
    this.#actions.replaceChildren(...actions.filter(Boolean));
    // What had the focus may be gone.
    if (document.activeElement === document.body) this.#title.focus();
  }

  #close(word) {
    return button(text(word), () => this.#dialog.close());
  }

  /** Do some of the work and show what it led to, which may be a part of it before a failure. */
  async #trying(work, show, again = null) {
    let problem = null;
    try {
      await work();
    } catch (failure) {
      problem = failure;
    }
    if (this.#ending.signal.aborted) return;
    show();
    if (!problem) return;
    const retry = again ? [button(text("common.retry"), again)] : [];
    this.#trouble.append(element("p", {}, problem.message), ...retry);
  }

  async look() {
    const found = this.#found;
    const enough = found.count + LOOK_AT_MOST;
    const sentence = () => text("sessions.apply.looking", { count: found.count });
    this.#show(sentence(), [element("progress", { "aria-labelledby": TITLE })], [this.#close("common.cancel")]);
    await this.#trying(async () => {
      while (found.hasMore && found.count < enough) {
        await found.nextPage();
        this.#said.textContent = sentence();
      }
    }, () => this.#offer(), () => this.look());
  }

  #offer() {
    const { suggested, left, hasMore } = this.#found;
    const chosen = () => suggested.filter((one) => !this.#leftOut.has(one));
    const apply = button("", () => this.#write(writing(chosen())), { class: "primary" });
    function count() {
      apply.textContent = text("sessions.apply.apply", { count: chosen().length });
      apply.disabled = chosen().length === 0;
    }
    count();
    const some = suggested.length > 0;
    this.#show(some ? "" : text("sessions.apply.nothing"), [
      some && choice(suggested, this.#leftOut, count),
      leftGroups(left, this.#options.linkTo),
      hasMore && button(text("sessions.apply.older"), () => this.look()),
    ], [some && apply, this.#close("common.cancel")]);
  }

  async #write(work) {
    const count = work.pending.size;
    const done = () => count - work.pending.size;
    let stopped = false;
    const bar = element("progress", { max: count, "aria-labelledby": TITLE });
    this.#show("", [bar], [button(text("sessions.apply.stop"), () => { stopped = true; })]);
    await this.#trying(async () => {
      while (work.pending.size && !stopped) {
        bar.value = done();
        this.#said.textContent = text("sessions.apply.writing", { done: done(), count });
        this.#options.onWriting(work.written);
        await work.step(this.#ending.signal);
      }
    }, () => this.#tellOutcome(work));
  }

  #tellOutcome(work) {
    const { pending, written, left } = work;
    const { linkTo } = this.#options;
    const rest = text("sessions.apply.rest", { count: pending.size });
    this.#show(text("sessions.apply.written", { count: written.length }), [
      written.length > 0 && element("ul", { class: "lines" }, written.map((one) => writtenLine(one, linkTo))),
      leftGroups(left, linkTo),
    ], [
      pending.size > 0 && button(rest, () => this.#write(work), { class: "primary" }),
      this.#close("common.close"),
    ]);
  }
}

/**
 * Open the dialog. `onWriting(written)` is called when something may be written from now on, with the list that names
 * what was; `onClosed()` when the dialog is gone. `linkTo(sessionId)` gives the address of a session. Aborting `signal`
 * closes it.
 */
export function openApplying(options) {
  return new Applying(options).look();
}

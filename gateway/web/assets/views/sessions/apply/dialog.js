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
  #said = element("p", { role: "status" });
  #trouble = element("div", { class: "trouble", role: "alert" });
  #stage = element("div");
  #actions = element("div", { class: "actions" });
  #title = element("h2", { id: TITLE, tabindex: -1, autofocus: true }, text("sessions.apply.title"));
  #dialog = element("dialog", { class: "applying", "aria-labelledby": TITLE }, this.#title,
    element("p", { class: "quiet" }, text("sessions.apply.explained")), this.#said, this.#trouble, this.#stage, this.#actions);
  #ending = new AbortController();
  #options;
  #found;

  constructor(options) {
    this.#options = options;
    this.#found = lookingAt(this.#ending.signal);
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
    const focusWasHere = this.#stage.contains(document.activeElement) || this.#actions.contains(document.activeElement);
    this.#said.textContent = sentence;
    this.#trouble.replaceChildren();
    this.#stage.replaceChildren(...stage.filter(Boolean));
    this.#actions.replaceChildren(...actions.filter(Boolean));
    if (focusWasHere) this.#title.focus();
  }

  #close(word) {
    return button(text(word), () => this.#dialog.close());
  }

  /** Do some of the work; whatever was done before a failure is shown by `after`, too. */
  async #trying(work, after, again) {
    try {
      await work();
      after();
    } catch (problem) {
      if (this.#ending.signal.aborted) return;
      after();
      this.#trouble.append(element("p", {}, problem.message), ...(again ? [button(text("common.retry"), again)] : []));
    }
  }

  async look() {
    const found = this.#found;
    const enough = found.count + LOOK_AT_MOST;
    const tell = () => this.#show(text("sessions.apply.looking", { count: found.count }), [element("progress")], [this.#close("common.cancel")]);
    await this.#trying(async () => {
      tell();
      while (found.hasMore && found.count < enough) {
        await found.nextPage();
        tell();
      }
    }, () => this.#offer(), () => this.look());
  }

  #offer() {
    const { suggested, left, hasMore } = this.#found;
    const apply = button("", () => this.#write(writing(offered.chosen())), { class: "primary" });
    const count = (chosen) => {
      apply.textContent = text("sessions.apply.apply", { count: chosen });
      apply.disabled = chosen === 0;
    };
    const offered = choice(suggested, count);
    count(suggested.length);
    const older = hasMore && button(text("sessions.apply.older"), () => this.look());
    this.#show(suggested.length ? "" : text("sessions.apply.nothing"),
      [suggested.length > 0 && offered.element, leftGroups(left, this.#options.linkTo), older],
      [suggested.length > 0 && apply, this.#close("common.cancel")]);
  }

  async #write(work) {
    const count = work.pending.size;
    let stopped = false;
    const stop = button(text("sessions.apply.stop"), () => { stopped = true; });
    const bar = element("progress", { max: count, value: 0, "aria-labelledby": TITLE });
    this.#show("", [bar], [stop]);
    await this.#trying(async () => {
      while (work.pending.size && !stopped) {
        this.#said.textContent = text("sessions.apply.writing", { done: count - work.pending.size, count });
        await work.step(this.#ending.signal);
        this.#options.onWritten(work.written.length);
        bar.value = count - work.pending.size;
      }
    }, () => this.#tellOutcome(work));
  }

  #tellOutcome(work) {
    const { pending, written, left } = work;
    const { linkTo } = this.#options;
    const lines = written.length > 0 && element("ul", { class: "lines" }, written.map((one) => writtenLine(one, linkTo)));
    const rest = pending.size > 0
      && button(text("sessions.apply.rest", { count: pending.size }), () => this.#write(work), { class: "primary" });
    this.#show(text("sessions.apply.written", { count: written.length }), [lines, leftGroups(left, linkTo)],
      [rest, this.#close("common.close")]);
  }
}

/**
 * Open the dialog. `onWritten(count)` is called whenever more was written, with how much that is by now; `onClosed()` when
 * the dialog is gone. `linkTo(sessionId)` gives the address of a session. Aborting `signal` closes it.
 */
export function openApplying(options) {
  return new Applying(options).look();
}

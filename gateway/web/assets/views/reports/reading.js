// The part of a view that shows what is read page by page: loading, empty, failed, whole, and more of it.

import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";

const SKELETON_LINES = 6;

function skeleton() {
  const lines = Array.from({ length: SKELETON_LINES }, () => element("div"));
  return element("div", { class: "skeleton", "aria-hidden": "true" }, lines);
}

/**
 * Make the part. `load({ pages, content, signal, notice })` reads the first of `pages` and shows what `content(pages)`
 * returns: `{ summary, parts }`, a sentence and elements. `beside` stands beside the sentence. The first of the rows that
 * "Show more" brings gets the focus: what has its number as `data-row`.
 */
export function reading(beside = null) {
  const summary = element("p", { class: "quiet", role: "status" });
  const place = element("div", { class: "rows" });
  const whole = element("div", { class: "reading" }, element("div", { class: "told" }, summary, beside), place);

  function fill(sentence, ...parts) {
    summary.textContent = sentence;
    place.replaceChildren(...parts);
  }

  async function read(visit) {
    const { pages, content, signal, notice } = visit;
    if (whole.ariaBusy === "true") return false;
    whole.ariaBusy = "true";
    try {
      await pages.read(signal);
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, () => (pages.answer ? more(visit) : load(visit)));
      if (!signal.aborted && !pages.answer) fill(text("reports.failed"));
      return false;
    } finally {
      if (!signal.aborted) whole.ariaBusy = "false";
    }
    const { summary: sentence, parts } = content(pages);
    fill(sentence, ...parts);
    if (!pages.isWhole) place.append(button(text("common.more"), () => more(visit), { class: "more" }));
    return true;
  }

  async function more(visit) {
    const before = visit.pages.rows.length;
    if (await read(visit)) place.querySelector(`[data-row="${before}"]`)?.focus();
  }

  async function load(visit) {
    // What another visit was reading was given up with its signal.
    whole.ariaBusy = "false";
    if (!place.hasChildNodes()) fill(text("shell.loading"), skeleton());
    await read(visit);
  }

  return { element: whole, load, clear: () => fill("") };
}

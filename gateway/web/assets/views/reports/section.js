// The part of a report that is read from the API.

import { button, element } from "../../components.js";
import { text } from "../../localization.js";
import { skeleton } from "./frame.js";

/**
 * Make a section that shows a list page by page. `load({ pages, content, signal, notice })` reads the first page of
 * `pages` and shows what `content(pages)` returns: `{ summary, parts }`, a sentence and elements. After "Show more" the
 * element whose `data-row` is the number of the first new row gets the focus.
 */
export function pagedSection() {
  const summary = element("p", { class: "quiet", role: "status" });
  const place = element("div", { class: "rows" });
  const section = element("div", { class: "reading" }, summary, place);
  let current = null;

  function fill(sentence, ...parts) {
    summary.textContent = sentence;
    place.replaceChildren(...parts);
  }

  /** Read on and show everything; returns whether it did. What an earlier `load` was reading is not shown any more. */
  async function read() {
    const visit = current;
    const { pages, content, signal, notice } = visit;
    section.ariaBusy = "true";
    try {
      const added = await pages.next(signal);
      if (!added || visit !== current) return false;
    } catch (problem) {
      if (signal.aborted || visit !== current) return false;
      section.ariaBusy = "false";
      notice.warn(problem, pages.answer ? more : () => load(visit));
      if (!pages.answer) fill(text("reports.failed"));
      return false;
    }
    section.ariaBusy = "false";
    const { summary: sentence, parts } = content(pages);
    fill(sentence, ...parts);
    if (pages.hasMore) place.append(button(text("common.more"), more, { class: "more" }));
    return true;
  }

  async function more() {
    const before = current.pages.rows.length;
    if (await read()) place.querySelector(`[data-row="${before}"]`)?.focus();
  }

  async function load(visit) {
    current = visit;
    if (!place.hasChildNodes()) fill(text("shell.loading"), skeleton());
    await read();
  }

  return { element: section, load, clear: () => fill("") };
}

// Claims to settle, those that wait longest first; below them marks that a parent changed, and announced absences.

import { call } from "../../api.js";
import { announceChange } from "../../changes.js";
import { button, element } from "../../components.js";
import { text, zoneSentence } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { openLesson } from "../lesson/panel.js";
import { waitingItems } from "./waiting-items.js";

const PAGE_SIZE = 20;
const KINDS = ["claim", "parents_word", "absence_notice"];

/** Make the section of one kind of items; it is hidden while there are none. */
function kindSection(kind, { identity, notice, signal, open, onChanged }) {
  const pages = new PagedList({
    readPage(pageToken) {
      const query = { kind, oldest_first: kind === "claim", page_size: PAGE_SIZE, page_token: pageToken };
      return call("/api/inbox", { query, signal });
    },
    rowsOf: ({ items }) => items,
  });
  const items = waitingItems({ identity, notice, signal, open, onSettled: onChanged });
  const more = button(text("common.more"), load, { hidden: true });
  const section = element(
    "section",
    { hidden: true },
    element("h2", { class: kind === "claim" && "unseen" }, text(`claims.kinds.${kind}`)),
    items.element,
    more,
  );

  async function load() {
    try {
      const rows = await pages.next(signal);
      if (!rows) return;
      items.add(rows);
      more.hidden = !pages.hasMore;
      section.hidden = items.element.children.length === 0;
      onChanged();
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }

  return {
    element: section,
    load,
    isLoaded: () => pages.answer !== null,
    waiting: () => items.element.querySelectorAll(":scope > :not([data-settled])").length,
    hasMore: () => pages.hasMore,
  };
}

/** Show what waits. */
export async function show({ main, notice, identity, signal }) {
  const title = element("h1", { tabindex: -1 }, text("shell.pages.claims"));
  const summary = element("p", { class: "quiet", role: "status" }, text("shell.loading"));
  const place = element("div", { class: "panel-place" });

  function open(sessionId) {
    const opener = document.activeElement;
    const written = ({ id }) => announceChange(id);
    openLesson(sessionId, {
      identity,
      signal,
      place,
      onDecided: written,
      onChanged: written,
      onClosed: () => opener?.focus(),
    });
  }

  function summarize() {
    const [claims, ...others] = sections;
    if (!sections.every((section) => section.isLoaded())) return;
    const count = claims.waiting();
    const isNothing = count === 0 && others.every((section) => section.waiting() === 0);
    title.textContent = text(claims.hasMore() ? "claims.titleMany" : "claims.titleOf", { count });
    summary.textContent = isNothing
      ? text("claims.nothing")
      : `${text("claims.oldestFirst")} ${text("common.sentence", { words: zoneSentence() })}`;
    main.querySelector(".waiting-lists").removeAttribute("aria-busy");
  }

  const sections = KINDS.map((kind) => kindSection(kind, { identity, notice, signal, open, onChanged: summarize }));
  const lists = element(
    "div",
    { class: "waiting-lists", "aria-busy": "true" },
    sections.map((section) => section.element),
  );
  main.replaceChildren(title, summary, element("div", { class: "claims-view" }, lists, place));
  await Promise.all(sections.map((section) => section.load()));
}

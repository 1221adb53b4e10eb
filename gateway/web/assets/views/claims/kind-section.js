// One kind of what waits, page by page: claims, marks that a parent changed, or announced absences.

import { call } from "../../api.js";
import { button, element } from "../../components.js";
import { text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { keyOf, waitingItems } from "./waiting-items.js";

const PAGE_SIZE = 20;
/** Claims are settled in the order in which they came; the others are news. */
const OLDEST_FIRST = new Set(["claim"]);

/** Return those of the newest items, newest first, that came after all that are `shown` (keys). Pure. */
export function newerThan(shown, newest) {
  const known = newest.findIndex((item) => shown.has(keyOf(item)));
  return known < 0 ? newest : newest.slice(0, known);
}

/**
 * Make the section of a kind; it is hidden while there are none. `onChanged()` is called whenever other items are shown
 * or one is settled. `unseen(newest)` returns those of the newest items that are shown neither here nor by "Show more";
 * `add(items)` shows them where they belong.
 */
export function kindSection(kind, { identity, notice, signal, open, onChanged }) {
  const isOldestFirst = OLDEST_FIRST.has(kind);
  const pages = new PagedList({
    readPage(pageToken) {
      const query = { kind, oldest_first: isOldestFirst, page_size: PAGE_SIZE, page_token: pageToken };
      return call("/api/inbox", { query, signal });
    },
    rowsOf: ({ items }) => items,
  });
  const items = waitingItems({ identity, notice, signal, open, onSettled: onChanged });
  const shown = new Set();
  const more = button(text("common.more"), load, { hidden: true });
  const section = element(
    "section",
    { hidden: true },
    element("h2", { class: kind === "claim" && "unseen" }, text(`claims.kinds.${kind}`)),
    items.element,
    more,
  );

  function add(rows, { isFirst = false } = {}) {
    const others = rows.filter((item) => !shown.has(keyOf(item)));
    for (const item of others) shown.add(keyOf(item));
    const lines = items.add(others, { isFirst });
    section.hidden = items.element.children.length === 0;
    onChanged();
    return lines;
  }

  async function load() {
    try {
      const rows = await pages.next(signal);
      if (!rows) return;
      more.hidden = !pages.hasMore;
      add(rows);
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }

  return {
    kind,
    element: section,
    load,
    isLoaded: () => pages.answer !== null,
    waiting: () => items.element.querySelectorAll(":scope > :not([data-settled])").length,
    unseen(newest) {
      if (!isOldestFirst) return newerThan(shown, newest);
      return pages.hasMore ? [] : newest.filter((item) => !shown.has(keyOf(item)));
    },
    compare: items.compare,
    /** Returns the lines of the items. */
    add: (newest) => (isOldestFirst ? add(newest.toReversed()) : add(newest, { isFirst: true })),
  };
}

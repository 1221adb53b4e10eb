// The sessions that pass the filters, page by page.

import { call } from "../../api.js";
import { button, element } from "../../components.js";
import { text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { placeholderCard, sessionCard } from "./card.js";
import { filterCount, listQuery } from "./filters.js";

/** Fills rows of two, three and four cards. */
const PAGE_SIZE = 24;
/** The most that the API gives at once. */
const MAX_PAGE_SIZE = 200;

function pagesOf(filters, firstSize) {
  return new PagedList({
    readPage: (pageToken, signal) =>
      call("/api/tutor/sessions", {
        query: { ...listQuery(filters), page_size: pageToken ? PAGE_SIZE : firstSize, page_token: pageToken },
        signal,
      }),
    rowsOf: ({ sessions }) => sessions,
  });
}

/**
 * Make the list: its `element`, and what can be done with it. A card's button calls `onOpen(id)`; `onClear()` is called
 * by a button where no session passes the filters.
 */
export function sessionList({ onOpen, onClear }) {
  const said = element("p", { class: "quiet said", role: "status" });
  const cards = element("ul", { class: "cards" });
  const problem = element("div", { class: "notice trouble", role: "alert" });
  const more = button(text("common.more"), loadMore, { class: "more", hidden: true });
  /** The card of each session that is shown, by its id. */
  const shown = new Map();
  let pages = null;
  let visit = null;
  let loadedFor = null;
  let isExpired = false;

  function cardOf(session) {
    const card = sessionCard(session, { onOpen });
    shown.set(session.id, card);
    return card;
  }

  function empty() {
    shown.clear();
    cards.replaceChildren();
    loadedFor = null;
    pages = null;
    more.hidden = true;
  }

  function sayHowMany() {
    more.hidden = !pages.hasMore;
    const isFiltered = filterCount(visit.filters) > 0;
    if (shown.size)
      said.textContent = text(pages.hasMore ? "lessons.shownSoFar" : "lessons.shown", { count: shown.size });
    else if (isFiltered) said.replaceChildren(text("lessons.noneFits"), " ", button(text("lessons.clear"), onClear));
    else said.textContent = text("lessons.none");
  }

  function settle() {
    cards.removeAttribute("aria-busy");
    problem.replaceChildren();
    sayHowMany();
  }

  function fail(error, again) {
    cards.removeAttribute("aria-busy");
    said.textContent = "";
    const retry = error.mayPass === false ? [] : [button(text("common.retry"), again)];
    problem.replaceChildren(element("p", {}, error.message), ...retry);
  }

  /** Read on in `list` and pass the sessions to `use`. Where that fails and may pass, a button calls `again`. */
  async function read(list, use, again) {
    const { signal } = visit;
    cards.setAttribute("aria-busy", "true");
    problem.replaceChildren();
    said.textContent = text("shell.loading");
    try {
      const sessions = await list.next(signal);
      if (!sessions) return;
      pages = list;
      use(sessions);
      settle();
    } catch (error) {
      if (signal.aborted) return;
      if (!list.answer) empty();
      fail(error, again);
    }
  }

  async function load(filters, signal) {
    const key = JSON.stringify(filters);
    visit = { filters, signal };
    if (key === loadedFor && !isExpired) return settle();
    // When the same list is read again, what was added page by page stays.
    const size = key === loadedFor ? Math.min(Math.max(shown.size, PAGE_SIZE), MAX_PAGE_SIZE) : PAGE_SIZE;
    if (!shown.size) cards.replaceChildren(...Array.from({ length: PAGE_SIZE }, placeholderCard));
    function use(sessions) {
      shown.clear();
      cards.replaceChildren(...sessions.map(cardOf));
      loadedFor = key;
      isExpired = false;
    }
    return read(pagesOf(filters, size), use, () => load(filters, signal));
  }

  async function loadMore() {
    // While the list is read again, the cards to which "more" would add are about to be replaced.
    if (cards.hasAttribute("aria-busy")) return;
    function use(sessions) {
      const added = sessions.map(cardOf);
      cards.append(...added);
      // Focus the first new card, without scrolling away from what is in view.
      added[0]?.querySelector("h2").focus({ preventScroll: true });
    }
    await read(pages, use, loadMore);
  }

  return {
    element: element(
      "section",
      { class: "listing", "aria-label": text("shell.pages.lessons") },
      said,
      cards,
      problem,
      more,
    ),
    /** Show the sessions that pass the filters, unless they are shown already. `signal` ends with the visit. */
    load,
    /** Show none: the filters make no sense. */
    clear() {
      empty();
      said.textContent = "";
      problem.replaceChildren();
    },
    /** Have the next `load` read the list again, even with the same filters. */
    expire() {
      isExpired = true;
    },
    /** Replace the card of a session, if it is shown. */
    update(session) {
      shown.get(session.id)?.replaceWith(cardOf(session));
    },
    /** Focus the button that opens a session; returns whether it is there. */
    focus(sessionId) {
      const opener = shown.get(sessionId)?.querySelector("[data-session]");
      opener?.focus();
      return Boolean(opener);
    },
  };
}

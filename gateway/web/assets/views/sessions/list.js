// The sessions that fit the filters, page after page.

import { call } from "../../api.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { cardToCome, sessionCard } from "./card.js";
import { asQuery, filterCount } from "./filters.js";

/** Fills rows of two, three and four cards. */
const PAGE_SIZE = 24;
/** The most that the API gives at once. */
const LARGEST_PAGE = 200;

/**
 * Make the list. `onOpen(id)` is called by a card's button, `onClear()` where nothing fits the filters. Returns its
 * `element` and what can be done with it.
 */
export function sessionList({ onOpen, onClear }) {
  const said = element("p", { class: "quiet said", role: "status" });
  const cards = element("ul", { class: "cards" });
  const trouble = element("div", { class: "notice trouble", role: "alert" });
  const more = button(text("common.more"), loadMore, { class: "more", hidden: true });
  const shown = new Map();
  let visit = null;
  let loadedFor = null;
  let expired = false;
  let next = "";

  function page(token, size) {
    return call("/api/tutor/sessions", {
      query: { ...asQuery(visit.filters), page_size: size, page_token: token }, signal: visit.signal,
    });
  }

  function add(session) {
    const card = sessionCard(session, { onOpen });
    shown.set(session.id, card);
    return card;
  }

  function empty() {
    shown.clear();
    cards.replaceChildren();
    loadedFor = null;
    next = "";
    more.hidden = true;
  }

  function sayHowMany() {
    const filtered = filterCount(visit.filters) > 0;
    more.hidden = !next;
    if (shown.size) said.textContent = text(next ? "sessions.shownSoFar" : "sessions.shown", { count: shown.size });
    else if (filtered) said.replaceChildren(text("sessions.noneFits"), " ", button(text("sessions.clear"), onClear));
    else said.textContent = text("sessions.none");
  }

  function settle() {
    cards.removeAttribute("aria-busy");
    trouble.replaceChildren();
    sayHowMany();
  }

  function fail(problem, again) {
    cards.removeAttribute("aria-busy");
    said.textContent = "";
    const retry = problem.mayPass === false ? [] : [button(text("common.retry"), again)];
    trouble.replaceChildren(element("p", {}, problem.message), ...retry);
  }

  /** Fetch a page and hand it to `use`; `again` is offered where that failed and may pass. */
  async function fetching(token, size, use, again) {
    const { signal } = visit;
    cards.setAttribute("aria-busy", "true");
    trouble.replaceChildren();
    said.textContent = text("shell.loading");
    try {
      const { sessions, next_page_token: following } = await page(token, size);
      next = following;
      use(sessions);
      settle();
    } catch (problem) {
      if (signal.aborted) return;
      if (!token) empty();
      fail(problem, again);
    }
  }

  async function load(filters, signal) {
    const key = JSON.stringify(filters);
    visit = { filters, signal };
    if (key === loadedFor && !expired) return settle();
    // As many as are there already: what was added page by page is not to vanish when it is only read anew.
    const size = key === loadedFor ? Math.min(Math.max(shown.size, PAGE_SIZE), LARGEST_PAGE) : PAGE_SIZE;
    if (!shown.size) cards.replaceChildren(...Array.from({ length: PAGE_SIZE }, cardToCome));
    return fetching("", size, (sessions) => {
      shown.clear();
      cards.replaceChildren(...sessions.map(add));
      loadedFor = key;
      expired = false;
    }, () => load(filters, signal));
  }

  async function loadMore() {
    if (cards.hasAttribute("aria-busy")) return;
    await fetching(next, PAGE_SIZE, (sessions) => {
      const added = sessions.map(add);
      cards.append(...added);
      // The first new one, without moving what is being looked at.
      added[0]?.querySelector("h2").focus({ preventScroll: true });
    }, loadMore);
  }

  return {
    element: element("section", { class: "listing", "aria-label": text("shell.pages.sessions") },
      said, cards, trouble, more),
    /** Show what fits the filters, unless it is shown already. `signal` ends with the visit. */
    load,
    /** Show none: the filters can't be meant so. */
    refuse() {
      empty();
      said.textContent = "";
      trouble.replaceChildren();
    },
    /** Let the next `load` ask again even where nothing else is wanted. */
    expire() {
      expired = true;
    },
    /** Put a session in the place of its older state, where it is shown. */
    renew(session) {
      const old = shown.get(session.id);
      old?.replaceWith(add(session));
    },
    /** Put the focus on the button that opens a session; tells whether it is there. */
    focus(sessionId) {
      const opener = shown.get(sessionId)?.querySelector("[data-session]");
      opener?.focus();
      return Boolean(opener);
    },
  };
}

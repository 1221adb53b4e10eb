// A list of lessons, page by page, that stays right while lessons are marked: here, in a review, or elsewhere.

import { call } from "../../api.js";
import { onChange } from "../../changes.js";
import { button, element } from "../../components.js";
import { loadOnApproach, loadWhenIdle } from "../../loading.js";
import { text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { lines as makeLines } from "./lines.js";
import { placeholderRow } from "./row.js";
import { isMarked } from "./state.js";

const PAGE_SIZE = 50;
/** The most that the API gives at once. */
const MAX_PAGE_SIZE = 200;
const PLACEHOLDERS = 8;
/** Changes elsewhere often come several at once. */
const SETTLE_MS = 300;

function pagesOf(query, firstSize) {
  const pages = new PagedList({
    readPage: (pageToken, signal) => {
      const page = pageToken ? { page_size: PAGE_SIZE, page_token: pageToken } : { page_size: firstSize };
      return call("/api/tutor/sessions", { query: { ...query, ...page }, signal });
    },
    rowsOf(answer) {
      pages.total ??= answer.total_size;
      return answer.sessions;
    },
  });
  return pages;
}

/**
 * Make the list: its `element`, and what can be done with it. `queryOf(filters)` is what to ask the API for,
 * `includes(session, filters)` whether a line is to be shown, `addressOf(id)` where a lesson is opened; `leaves` says that
 * what is marked leaves the list. `onShown({ total, hasMore, unmarked })` is called whenever what is shown changes:
 * how many lessons there are, if that is known, and those that are shown and were not marked here. `noneOf(filters,
 * { isDone })` makes what is shown where there is nothing, or nothing left.
 */
export function lessonList({ identity, notice, queryOf, includes = () => true, addressOf, leaves, onShown, noneOf }) {
  const said = element("p", { class: "quiet said", role: "status" });
  const none = element("div", { class: "none" });
  const problem = element("div", { class: "notice trouble", role: "alert" });
  const more = button(text("common.more"), loadMore, { class: "more", hidden: true });
  const say = (sentence) => {
    said.textContent = sentence;
  };
  const lines = makeLines({
    identity,
    addressOf,
    leaves,
    onAccept: (entry) => act((acts) => acts.accept(entry)),
    onUndo: (entry) => act((acts) => acts.undo([entry])),
    onLeft: report,
  });
  const { entries } = lines;
  const place = element(
    "section",
    { class: "listing", "aria-label": text("lessons.list") },
    said,
    lines.element,
    none,
    problem,
    more,
  );
  let pages = null;
  let visit = null;
  let loadedFor = null;
  let isExpired = false;
  let soon = null;
  let acting = null;
  loadOnApproach(place, loadActs);

  function empty() {
    lines.clear();
    none.replaceChildren();
    loadedFor = null;
    pages = null;
    more.hidden = true;
  }

  /** Below what is marked, so that nothing moves; made once, as it may read more. */
  function showNone(isNone) {
    const hasNone = none.children.length > 0;
    if (isNone === hasNone) return;
    none.replaceChildren(...(isNone ? [noneOf(visit.filters, { isDone: entries.size > 0 })].filter(Boolean) : []));
  }

  function report() {
    if (!pages) return;
    const total = pages.total === undefined ? undefined : Math.max(0, pages.total - lines.marked.size);
    const unmarked = [...entries.values()].filter(({ isDone }) => !isDone).map(({ session }) => session);
    more.hidden = !pages.hasMore;
    showNone(!unmarked.length && !pages.hasMore && (leaves || !entries.size));
    onShown({ total, hasMore: pages.hasMore, unmarked });
  }

  function settle() {
    place.removeAttribute("aria-busy");
    problem.replaceChildren();
    say("");
    report();
  }

  function fail(error, again) {
    place.removeAttribute("aria-busy");
    say("");
    const retry = error.mayPass === false ? [] : [button(text("common.retry"), again)];
    problem.replaceChildren(element("p", {}, error.message), ...retry);
  }

  /** Read on in `list` and pass the lessons to `use`. Where that fails and may pass, a button calls `again`. */
  async function read(list, use, again) {
    const { signal, filters } = visit;
    place.setAttribute("aria-busy", "true");
    problem.replaceChildren();
    say(text("shell.loading"));
    try {
      const sessions = await list.next(signal);
      if (!sessions) return;
      pages = list;
      use(sessions.filter((session) => includes(session, filters)));
      settle();
      loadWhenIdle([loadActs]);
    } catch (error) {
      if (signal.aborted) return;
      if (!list.answer) empty();
      fail(error, again);
    }
  }

  function showPlaceholders() {
    const rows = Array.from({ length: PLACEHOLDERS }, placeholderRow);
    lines.element.replaceChildren(element("ul", { class: "rows" }, rows));
  }

  async function load(filters, signal) {
    const key = JSON.stringify(filters);
    if (visit?.signal !== signal) {
      onChange(changedElsewhere, signal);
      // What was done on another device is not announced.
      document.addEventListener("visibilitychange", () => !document.hidden && readSoon(), { signal });
    }
    visit = { filters, signal };
    if (key === loadedFor && !isExpired) return settle();
    // When the same list is read again, what was added page by page stays.
    const size = key === loadedFor ? Math.min(Math.max(entries.size, PAGE_SIZE), MAX_PAGE_SIZE) : PAGE_SIZE;
    if (!entries.size) showPlaceholders();
    function use(sessions) {
      const focused = lines.focused();
      lines.clear();
      none.replaceChildren();
      for (const session of sessions) lines.add(session);
      loadedFor = key;
      isExpired = false;
      if (focused) lines.focus(focused);
    }
    return read(pagesOf(queryOf(filters), size), use, () => load(filters, signal));
  }

  async function loadMore() {
    // While the list is read again, the lines to which "more" would add are about to be replaced.
    if (place.hasAttribute("aria-busy")) return;
    function use(sessions) {
      const [first] = sessions.map(lines.add);
      // Focus the first new line, without scrolling away from what is in view.
      first?.row.querySelector(".title").focus({ preventScroll: true });
    }
    await read(pages, use, loadMore);
  }

  function readSoon() {
    const { filters, signal } = visit;
    clearTimeout(soon);
    soon = setTimeout(() => {
      if (signal.aborted || lines.marked.size) return;
      isExpired = true;
      load(filters, signal);
    }, SETTLE_MS);
  }

  async function changedElsewhere(sessionId) {
    if (acting?.isWriting(sessionId)) return;
    const entry = entries.get(sessionId);
    if (!entry) return readSoon();
    const { signal } = visit;
    return loadActs()
      .then((acts) => acts.refresh(entry, { signal }))
      .catch(() => {});
  }

  /** What can be done about lines (marking.js) is loaded once they are there. */
  async function loadActs() {
    const { marking } = await import("./marking.js");
    acting ??= marking({ lines, notice, say, onChanged: report });
    return acting;
  }

  async function act(work) {
    const acts = await loadActs().catch(() => null);
    if (acts) await work(acts);
    else notice.warn({ message: text("problems.offline") }, () => act(work));
  }

  return {
    element: place,
    /** The lines that are shown (lines.js), by the id of the lesson. */
    entries,
    /** Do something about lines: `act((acts) => acts.undo(entries))` (marking.js). */
    act,
    lines,
    /** Show the lessons that pass the filters, unless they are shown already. `signal` ends with the visit. */
    load,
    /** Show none: the filters make no sense. */
    clear() {
      empty();
      say("");
      problem.replaceChildren();
    },
    /** Show a lesson as it was decided on in its review; `canUndo(before, session)` is whether it can be taken back. */
    decided(session, canUndo) {
      const entry = entries.get(session.id);
      if (!entry) return;
      if (isMarked(session)) lines.showMarked(entry, session, canUndo(entry.session, session));
      else lines.replace(entry, session);
      report();
    },
    /** Show a lesson as it is now. */
    update(session) {
      const entry = entries.get(session.id);
      if (entry) lines.replace(entry, session);
      report();
    },
  };
}

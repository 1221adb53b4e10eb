// What waits for the tutor's answer, or is new to them: claims, marks that a parent changed, announced absences.

import { call } from "../../api.js";
import { button, element } from "../../components.js";
import { lazy } from "../../loading.js";
import { text } from "../../localization.js";
import { PagedList } from "../../pagination.js";

const PAGE_SIZE = 10;
const loadItems = lazy(() => import("../claims/waiting-items.js"), "claims");

/** Say how much waits: claims first, as they ask for an answer. */
function inWords(items, hasMore) {
  const claims = items.filter(({ claim }) => claim).length;
  const count = claims || items.length;
  const words = text(claims ? "toMark.tiles.claims" : "toMark.tiles.news", { count });
  const [{ session, claim }] = claims ? items.filter((item) => item.claim) : items;
  return {
    count,
    words: hasMore ? text("toMark.many", { count: words }) : words,
    first: [claim?.raised_by_name, session.course_name].filter(Boolean).join(" · "),
  };
}

/** Show it at `place`, which stays hidden while nothing waits; `onCount({ count, words, first })` says how much does. */
export async function showWaiting(place, { identity, notice, signal }, onCount) {
  const lasting = new AbortController();
  const pages = new PagedList({
    readPage: (pageToken) => call("/api/inbox", { query: { page_size: PAGE_SIZE, page_token: pageToken } }),
    rowsOf: ({ items }) => items,
  });
  const more = button(text("common.more"), load, { class: "small", hidden: true });
  const heading = element("h2", { tabindex: -1 }, text("toMark.waiting"));
  let items = null;

  async function load() {
    try {
      const rows = await pages.next();
      if (!rows?.length || !place.isConnected) return;
      const { waitingItems } = await loadItems();
      items ??= waitingItems({
        identity,
        notice,
        signal: lasting.signal,
        open: (sessionId) => {
          location.hash = `#/to-mark/${sessionId}`;
        },
      });
      items.add(rows);
      more.hidden = !pages.hasMore;
      place.replaceChildren(heading, items.element, more);
      place.hidden = false;
      onCount(inWords(pages.rows, pages.hasMore));
    } catch (problem) {
      if (!signal.aborted && !place.hidden) notice.warn(problem, load);
    }
  }

  await load();
}

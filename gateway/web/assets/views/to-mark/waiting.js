// What waits for the tutor's answer, or is new to them: claims, marks that a parent changed, announced absences.

import { call } from "../../api.js";
import { button, element } from "../../components.js";
import { lazyView } from "../../loading.js";
import { text } from "../../localization.js";
import { asksForAnswer } from "../../waiting-count.js";

const PAGE_SIZE = 10;
const MAX_PAGE_SIZE = 100;
const loadItems = lazyView(() => import("../claims/waiting-items.js"), "claims");

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

/**
 * Show it at `place`, which stays hidden while nothing waits; `onCount({ count, words, first })` says how much does (null:
 * nothing), `onToAnswer({ count, hasMore })` how much of it asks for an answer. Returns `{ load, isRead }`: what reads it
 * again (answers stay where they were given, and what is new is added below), and the end of the first reading.
 */
export function showWaiting(place, { identity, notice, signal }, { onCount, onToAnswer, onSettled, lasting }) {
  const more = button(text("common.more"), () => load(size + PAGE_SIZE), { class: "small", hidden: true });
  const heading = element("h2", { tabindex: -1 }, text("toMark.waiting"));
  const shown = new Set();
  let size = PAGE_SIZE;
  let items = null;

  async function add(rows) {
    const { keyOf, waitingItems } = await loadItems();
    items ??= waitingItems({
      identity,
      notice,
      signal: lasting,
      onSettled,
      open: (sessionId) => {
        location.hash = `#/to-mark/${sessionId}`;
      },
    });
    const added = rows.filter((item) => !shown.has(keyOf(item)));
    for (const item of added) shown.add(keyOf(item));
    items.add(added);
    place.replaceChildren(heading, items.element, more);
    place.hidden = false;
  }

  async function load(count = size) {
    try {
      const answer = await call("/api/inbox", { query: { page_size: Math.min(count, MAX_PAGE_SIZE) } });
      if (!place.isConnected) return;
      size = count;
      const hasMore = Boolean(answer.next_page_token);
      more.hidden = !hasMore || size >= MAX_PAGE_SIZE;
      if (answer.items.length) await add(answer.items);
      items?.compare(answer);
      onCount(answer.items.length ? inWords(answer.items, hasMore) : null);
      onToAnswer({ count: answer.items.filter(asksForAnswer).length, hasMore });
    } catch (problem) {
      if (!signal.aborted && !place.hidden) notice.warn(problem, () => load(count));
    }
  }

  return { load, isRead: load() };
}

// Beside the lessons to mark: what is live, how the month goes, and what waits for an answer.

import { call } from "../../api.js";
import { onChange } from "../../changes.js";
import { button, drawing, element } from "../../components.js";
import { showLiveNow } from "../../live.js";
import { dateOf, dayRange, inOwnCalendar, number, percent, text, wholeMinutes } from "../../localization.js";
import { firstDays, lessonFigures, sparkline, trendFigures } from "./figures.js";
import { showWaiting } from "./waiting.js";

const MAX_ROWS = 200;
const PERCENT = 100;
const LINE = { width: 200, height: 28, edge: 2 };
/** Marks often come several at once. */
const SETTLE_MS = 1500;

function read(path, query, signal) {
  return call(`/api/reports/${path}`, { query: { ...query, page_size: MAX_ROWS }, signal });
}

async function readFigures(signal) {
  const today = dateOf(Date.now());
  const { month, weeks } = firstDays(today);
  const [outcomes, ofMonth, ofWeeks] = await Promise.all([
    read("lesson-outcomes", { group_by: "day", date_from: month, date_to: today }, signal),
    read("attendance-trend", { date_from: month, date_to: today }, signal),
    read("attendance-trend", { date_from: weeks, date_to: today }, signal),
  ]);
  return {
    ...lessonFigures(outcomes.outcomes),
    ...trendFigures(ofMonth.weeks),
    line: sparkline(ofWeeks.weeks),
  };
}

function tile(name, value, more, extra = null, kind = "") {
  return element(
    "div",
    { class: `tile ${kind}` },
    element("dt", { class: "quiet small" }, name),
    element("dd", {}, element("b", {}, value), extra, element("span", { class: "quiet small" }, more)),
  );
}

function lineOf(points) {
  if (!points.length) return null;
  const { width, height, edge } = LINE;
  const place = ({ x, y }) => `${(x * width).toFixed(1)},${(edge + y * (height - 2 * edge)).toFixed(1)}`;
  return drawing(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    drawing("polyline", { points: points.map(place).join(" "), "vector-effect": "non-scaling-stroke" }),
  );
}

function tilesOf({ held, all, noShows, cancelled, notKnown, share, together, scheduled, line }) {
  const missed = [
    noShows > 0 && text("toMark.tiles.noShows", { count: noShows }),
    cancelled > 0 && text("toMark.tiles.cancelled", { count: cancelled }),
    notKnown > 0 && text("toMark.tiles.notKnown", { count: notKnown }),
  ].filter(Boolean);
  return [
    tile(
      text("toMark.tiles.held"),
      text("toMark.tiles.heldOf", { held: number(held), all: number(all) }),
      missed.join(" · ") || text("toMark.tiles.noneMissed"),
    ),
    tile(
      text("toMark.tiles.attended"),
      share === null ? "–" : percent(Math.round(share * PERCENT)),
      text("toMark.tiles.attendedMeans"),
      lineOf(line),
    ),
    tile(
      text("toMark.tiles.together"),
      text("common.minutes", { minutes: wholeMinutes(together) }),
      text("toMark.tiles.togetherOf", { minutes: wholeMinutes(scheduled) }),
    ),
  ];
}

/** How much waits, with a way there. */
function waitingTile(waits, section) {
  const name = text("toMark.waiting");
  if (!waits?.count)
    return tile(name, text("toMark.tiles.noneWait"), text("toMark.tiles.noneWaitMeans"), null, "waits");
  const heading = () => section.querySelector("h2")?.focus();
  const value = button(waits.words, heading, { class: "as-text" });
  return tile(name, value, waits.first, null, "waits");
}

/** "This month" is that of the Gregorian calendar: its days are said where dates are written in another. */
function titleOfMonth() {
  const today = dateOf(Date.now());
  const days = inOwnCalendar(today) && ` · ${dayRange(firstDays(today).month, today)}`;
  return [text("toMark.tiles.title"), days];
}

/**
 * Show it at `place`. Figures that can't be read are left out: nothing that is to be done depends on them. Returns the
 * section `waiting`, and `isRead`, which ends when it was read first; `onToAnswer({ count, hasMore })` is called with how much
 * of it asks for an answer.
 */
export function showOverview(place, visit, onToAnswer) {
  const lasting = new AbortController();
  const tiles = element("dl", { class: "tiles" });
  const month = element("section", { class: "month", hidden: true }, element("h2", {}, titleOfMonth()), tiles);
  const waiting = element("section", { class: "waiting", hidden: true });
  const live = element("section", { class: "live-lessons", hidden: true });
  let waits = null;
  place.replaceChildren(live, month, waiting);
  let soon = null;

  async function refresh() {
    const figures = await readFigures().catch(() => null);
    // Below what is live: it would move.
    await isLiveShown;
    if (!figures || !place.isConnected) return;
    tiles.replaceChildren(...tilesOf(figures), waitingTile(waits, waiting));
    month.hidden = false;
  }

  function refreshSoon() {
    clearTimeout(soon);
    if (!place.isConnected) {
      lasting.abort();
      return;
    }
    soon = setTimeout(() => {
      refresh();
      waitingShown.then(({ load }) => load());
    }, SETTLE_MS);
  }

  function onCount(found) {
    waits = found;
    tiles.querySelector(".waits")?.replaceWith(waitingTile(waits, waiting));
  }

  const { signal } = lasting;
  const isLiveShown = showLiveNow(live, {
    identity: visit.identity,
    signal,
    linkTo: ({ id }) => `#/to-mark/${id}`,
  }).catch(() => {});
  refresh();
  const waitingShown = isLiveShown.then(() =>
    showWaiting(waiting, visit, { onCount, onToAnswer, onSettled: refreshSoon, lasting: signal }),
  );
  onChange(refreshSoon, signal);
  // What was done on another device is not announced.
  document.addEventListener("visibilitychange", () => !document.hidden && refreshSoon(), { signal });
  return { waiting, isRead: waitingShown.then(({ isRead }) => isRead) };
}

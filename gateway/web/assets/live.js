// Lessons that are live, or about to be: who is there and who is missing, and the way in. For every view that shows them.

import { watchStatus } from "/live-status.js";
import { call } from "./api.js";
import { chip, element, icon, isolated, loadStyle } from "./components.js";
import { clockIn, plusDays } from "./days.js";
import { token } from "./identity.js";
import { joinLink } from "./join.js";
import { phaseOf, untilNextPhase } from "./lesson-times.js";
import { scheduledRange, text, timeOfDay } from "./localization.js";
import { missingFirst, whoIsThere } from "./presence-now.js";

/** The phases in which nobody is missing yet. */
const BEFORE = ["coming", "soon"];
/** The phases in which a lesson can be joined. */
const NOW = ["soon", "live"];
/** A parent takes no part in the whiteboard, so may not watch it. */
const WATCHING_ROLES = ["tutor", "student", "admin"];
/** Over HTTP/1.1 a browser opens six connections to a server, and each watch keeps one. */
const MAX_WATCHED = 2;
const MAX_SHOWN = 4;
/** Of a larger class, those who are there are counted and not named. */
const MAX_NAMED = 8;
const MAX_AWAY_NAMED = 4;
const KINDS = { here: "present", left: "late", missing: "absent", unknown: "unknown" };
/** Lessons may be added meanwhile. */
const REFRESH_MS = 300_000;
/** Timers may be early. */
const MARGIN_MS = 100;
const MAX_SESSIONS = 200;

function label({ name, guest, isYou, state, at }, isBegun) {
  const time = at ? timeOfDay(at) : "";
  const word = state === "missing" && !isBegun ? "notYet" : state;
  if (isYou) return text(`live.you.${word}`, { time });
  const who = isolated(name ?? text(`live.${guest}`));
  return state === "unknown" ? who : element("span", {}, who, " ", text(`live.${word}`, { time }));
}

function personItem(person, isBegun) {
  const kind = person.state === "missing" && !isBegun ? "unmarked" : KINDS[person.state];
  return element("li", { "data-role": person.role, "data-state": person.state }, chip(kind, label(person, isBegun)));
}

/** Return an item for each person; of a large class for those who are missing, and one for all who are there. */
function itemsOf(people, isBegun) {
  if (people.length <= MAX_NAMED) return people.map((person) => personItem(person, isBegun));
  const students = people.filter(({ role }) => role === "student");
  const here = students.filter(({ state }) => state === "here");
  const isKnown = students.some(({ state }) => state !== "unknown");
  const count = isKnown
    ? text("live.countHere", { here: here.length, count: students.length })
    : text("lessons.group", { count: students.length });
  const away = missingFirst(students.filter(({ state }) => state !== "here" && isKnown));
  const named = away.slice(0, MAX_AWAY_NAMED);
  const more = away.length - named.length;
  return [
    ...people.filter(({ role }) => role === "tutor").map((person) => personItem(person, isBegun)),
    element("li", {}, chip(isKnown ? "present" : "unknown", count)),
    ...named.map((person) => personItem(person, isBegun)),
    ...(more ? [element("li", { class: "quiet" }, text("live.more", { count: more }))] : []),
  ];
}

/** Call `begin(signal)` whenever the page becomes visible; its `signal` is aborted when it no longer is, or by `signal`. */
function whileVisible(begin, signal) {
  let visit = null;
  const follow = () => {
    if (document.hidden || signal.aborted) {
      visit?.abort();
      visit = null;
    } else if (!visit) {
      visit = new AbortController();
      begin(visit.signal);
    }
  };
  document.addEventListener("visibilitychange", follow, { signal });
  signal.addEventListener("abort", follow, { once: true });
  follow();
}

/**
 * Show in `place` who of a lesson is at the whiteboard, as it changes, until `signal` is aborted. Nothing is shown to people
 * who may not watch.
 */
export async function showPeople(place, session, { identity, signal }) {
  if (!session.whiteboard_id || !WATCHING_ROLES.includes(identity.role)) return;
  await loadStyle("live");
  if (signal.aborted) return;
  const list = element("ul", { class: "people-now", "aria-label": text("live.who"), role: "list" });
  const trouble = element("p", { class: "quiet", role: "status" });
  let shown = "";
  place.replaceChildren(list, trouble);

  function draw(people) {
    const isBegun = !BEFORE.includes(phaseOf(session));
    // What is written again would be read out again.
    const now = JSON.stringify([people, isBegun]);
    if (now === shown) return;
    if (shown) list.setAttribute("aria-live", "polite");
    shown = now;
    list.replaceChildren(...itemsOf(people, isBegun));
  }

  /** The names stand there from the start, so that nothing moves when more is known. */
  function drawUnknown() {
    draw(whoIsThere(session, [], identity.userId).map((person) => ({ ...person, state: "unknown" })));
  }

  function show({ status }) {
    trouble.textContent = "";
    draw(whoIsThere(session, status.participants ?? [], identity.userId));
  }

  function lose() {
    drawUnknown();
    const sentence = text("live.unknown");
    if (trouble.textContent !== sentence) trouble.textContent = sentence;
  }

  drawUnknown();
  whileVisible((visible) => {
    watchStatus(session.whiteboard_id, { token, signal: visible, onState: show, onTrouble: lose });
  }, signal);
}

/** Show in `place` who of a lesson is there, and the way in while there is one, until `signal` is aborted. */
export async function showLive(place, session, { identity, signal }) {
  place.hidden = !NOW.includes(phaseOf(session));
  if (place.hidden) return;
  const people = element("div", { class: "who-is-there" });
  place.classList.add("live-line");
  place.replaceChildren(people, ...[joinLink(session, identity.role, { primary: false })].filter(Boolean));
  await showPeople(people, session, { identity, signal });
}

function liveCard(session, { identity, signal, linkTo, isWatched }) {
  const isLive = phaseOf(session) === "live";
  const people = element("div", { class: "who-is-there" });
  if (isWatched) showPeople(people, session, { identity, signal });
  const course = linkTo
    ? element("a", { href: linkTo(session) }, isolated(session.course_name))
    : isolated(session.course_name);
  return element(
    "li",
    { class: isLive ? "live-now is-live" : "live-now" },
    element("span", { class: "live-sign" }, icon(isLive ? "live" : "clock"), text(isLive ? "live.live" : "live.soon")),
    element(
      "div",
      { class: "live-what" },
      element("strong", {}, course),
      element("span", { class: "quiet hours" }, scheduledRange(session.start_time, session.end_time)),
    ),
    people,
    joinLink(session, identity.role),
  );
}

/** Read the lessons that are live or can be joined. */
async function readLive(signal) {
  const { date } = clockIn(document.documentElement.dataset.timeZone);
  // A lesson of yesterday may go on after midnight, and one of tomorrow begin soon.
  const query = { date_from: plusDays(date, -1), date_to: plusDays(date, 1), page_size: MAX_SESSIONS };
  const { sessions } = await call("/api/tutor/sessions", { query, signal });
  return sessions.toReversed();
}

/**
 * Show in `place` the lessons of the person that are live or begin soon, with who is there, until `signal` is aborted; the
 * place is hidden while there are none. Resolves when it shows them first. `linkTo(session)` may return an address for the
 * course; `onTurn()` is called when a lesson begins or ends.
 */
export async function showLiveNow(place, { identity, signal, linkTo = null, onTurn = () => {} }) {
  let drawn = new AbortController();
  let timer;
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    drawn.abort();
  });

  function draw(sessions) {
    drawn.abort();
    drawn = new AbortController();
    const live = sessions.filter((session) => NOW.includes(phaseOf(session)));
    const cards = live.slice(0, MAX_SHOWN).map((session, index) => {
      return liveCard(session, { identity, signal: drawn.signal, linkTo, isWatched: index < MAX_WATCHED });
    });
    const more = live.length - cards.length;
    place.hidden = !live.length;
    place.replaceChildren(
      ...(cards.length
        ? [element("ul", { class: "live-strip", "aria-label": text("live.title"), role: "list" }, cards)]
        : []),
      ...(more ? [element("p", { class: "quiet" }, text("live.others", { count: more }))] : []),
    );
  }

  async function refresh() {
    const sessions = await readLive(signal).catch(() => null);
    if (signal.aborted) return;
    // Where it fails, the view beside it says what went wrong.
    if (sessions) draw(sessions);
    const turnMs = untilNextPhase(sessions ?? []) + MARGIN_MS;
    timer = setTimeout(
      () => {
        refresh();
        if (turnMs <= REFRESH_MS) onTurn();
      },
      Math.min(turnMs, REFRESH_MS),
    );
  }

  await loadStyle("live");
  await refresh();
}

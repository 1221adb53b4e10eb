// The tutor's week: its lessons as a calendar, what is live, and over it the review of a lesson.

import { call } from "../../api.js";
import { onChange } from "../../changes.js";
import { button, element, iconButton } from "../../components.js";
import { askedDay, clockIn, DAYS, firstDayOfWeek, plusDays, weekOf } from "../../days.js";
import { standingOf } from "../../lesson-times.js";
import { showLiveNow } from "../../live.js";
import { lazy } from "../../loading.js";
import { dayRange, text, timeZone, zoneSentence } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { address } from "../../routes.js";
import { canUndo, UNDO_SECONDS, undo } from "../../undo.js";
import { savedSentence } from "../lessons/saved.js";
import { Calendar } from "./calendar.js";

const PATH = "/week";
const PAGE_SIZE = 200;
const MINUTE_MS = 60_000;
const loadPanel = lazy(() => import("../lesson/panel.js"), "lesson");
let page = null;

async function sessionsOf(dates, signal) {
  // A lesson of the evening before may go on after midnight.
  const query = { date_from: plusDays(dates[0], -1), date_to: dates.at(-1), page_size: PAGE_SIZE };
  const list = new PagedList({
    readPage: (pageToken) => call("/api/tutor/sessions", { query: { ...query, page_token: pageToken }, signal }),
    rowsOf: ({ sessions }) => sessions,
    minRows: Number.POSITIVE_INFINITY,
  });
  return list.next(signal);
}

class WeekPage {
  #notice;
  #identity;
  #visit = null;
  #day = "";
  #dates = [];
  #sessions = [];
  /** The week that is shown, by its first day; null while none is. */
  #shownWeek = null;
  #cameFromWeek = false;
  /** What to say once a review is closed. */
  #saved = null;
  /** What the calendar shows, to compare. */
  #drawn = "";
  #heading = element("h1", { tabindex: -1 });
  #summary = element("p", { class: "quiet", role: "status" });
  #live = element("div", { hidden: true });
  #empty = element("p", { class: "empty", hidden: true }, text("week.none"));
  #thisWeek = button(text("week.thisWeek"), () => this.#go(this.#today.date), { class: "small" });
  #calendar = new Calendar({
    linkTo: (id, date) => this.#addressOf(id, date),
    onDay: (date) => this.#choose(date),
  });

  /** Hidden until all of it is there, so that nothing moves. */
  #content = element("div", { class: "week-content", hidden: true }, this.#live, this.#calendar.element, this.#empty);

  constructor({ main, notice, identity }) {
    this.#notice = notice;
    this.#identity = identity;
    const step = (days) => () => this.#go(plusDays(this.#dates[0], days));
    const steps = element(
      "div",
      { class: "week-steps", role: "group", "aria-label": text("week.steps") },
      iconButton("back", text("week.previous"), step(-DAYS), { "aria-keyshortcuts": "PageUp" }),
      this.#thisWeek,
      iconButton("forward", text("week.next"), step(DAYS), { "aria-keyshortcuts": "PageDown" }),
    );
    const head = element("div", { class: "week-head" }, element("div", {}, this.#heading, this.#summary), steps);
    main.replaceChildren(head, this.#content);
    for (const part of [head, this.#calendar.element]) part.addEventListener("keydown", (event) => this.#turn(event));
    this.#calendar.element.addEventListener("click", () => {
      this.#cameFromWeek = true;
    });
  }

  get #today() {
    return clockIn(timeZone);
  }

  async show({ parameters: [sessionId], query, signal, again }) {
    this.#visit = signal;
    const today = this.#today;
    this.#day = askedDay(query.get("day"), today.date);
    this.#dates = weekOf(this.#day, firstDayOfWeek(document.documentElement.lang));
    this.#heading.textContent = dayRange(this.#dates[0], this.#dates.at(-1));
    this.#thisWeek.disabled = this.#dates.includes(today.date);
    this.#follow(signal);
    const parts = [this.#load(signal), this.#showLive(signal)];
    if (!again) await Promise.all(parts);
    this.#content.hidden = false;
    if (sessionId && !signal.aborted) await this.#review(Number(sessionId), signal);
    else if (!signal.aborted) this.#sayWhatWasSaved();
  }

  /** Keep what depends on the time, and on what others write, up to date. */
  #follow(signal) {
    const minutes = setInterval(() => this.#tick(), MINUTE_MS);
    signal.addEventListener("abort", () => clearInterval(minutes));
    onChange(() => this.#load(signal), signal);
    document.addEventListener(
      "visibilitychange",
      () => {
        if (!document.hidden) this.#load(signal);
      },
      { signal },
    );
  }

  #showLive(signal) {
    return showLiveNow(this.#live, {
      identity: this.#identity,
      signal,
      linkTo: ({ id, session_date: date }) => this.#addressOf(id, date),
      onTurn: () => this.#load(signal),
    });
  }

  async #load(signal) {
    const [first] = this.#dates;
    if (this.#shownWeek !== first) {
      this.#draw([]);
      this.#empty.hidden = true;
      this.#summary.textContent = text("week.loading");
    }
    try {
      const sessions = await sessionsOf(this.#dates, signal);
      if (signal.aborted) return;
      this.#shownWeek = first;
      this.#sessions = sessions;
      this.#draw(sessions);
      this.#summarize();
    } catch (problem) {
      if (signal.aborted) return;
      this.#summary.textContent = "";
      this.#notice.warn(problem, () => this.#load(signal));
    }
  }

  #draw(sessions) {
    const today = this.#today;
    const drawn = JSON.stringify([this.#dates, today.date, sessions, sessions.map((session) => standingOf(session))]);
    // What has the focus, or is being read, stays as long as it is true.
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#calendar.show(sessions, this.#dates, { chosen: this.#day, today: today.date });
    }
    this.#calendar.choose(this.#day);
    this.#calendar.showNow(today);
  }

  #summarize() {
    const ofWeek = this.#sessions.filter(({ session_date: date }) => this.#dates.includes(date));
    const toMark = ofWeek.filter((session) => standingOf(session) === "to-mark").length;
    const sentences = [
      text("week.count", { count: ofWeek.length }),
      ...(toMark ? [text("week.toMark", { count: toMark })] : []),
      zoneSentence(),
    ];
    const sentence = sentences.join(" · ");
    if (this.#summary.textContent !== sentence) this.#summary.textContent = sentence;
    this.#empty.hidden = ofWeek.length > 0;
  }

  /** Each minute the line moves, and lessons may begin or end. */
  #tick() {
    if (this.#shownWeek !== this.#dates[0]) return;
    this.#draw(this.#sessions);
    this.#summarize();
  }

  /** As in a grid of dates; elsewhere the keys scroll the page. */
  #turn(event) {
    const days = { PageUp: -DAYS, PageDown: DAYS }[event.key];
    if (!days || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // The lesson that has the focus goes away.
    if (this.#calendar.element.contains(event.target)) this.#heading.focus();
    this.#go(plusDays(this.#dates[0], days));
  }

  #addressOf(sessionId, day) {
    return address(`${PATH}/${sessionId}`, { day });
  }

  #go(day) {
    location.hash = address(PATH, { day });
  }

  /** Another day of the same week, on a phone: nothing is loaded. */
  #choose(day) {
    this.#day = day;
    history.replaceState(null, "", address(PATH, { day }));
    this.#calendar.choose(day);
  }

  #back() {
    if (this.#cameFromWeek) history.back();
    else location.replace(address(PATH, { day: this.#day }));
    this.#cameFromWeek = false;
  }

  /** Once the review is closed and the week is visible again. */
  #sayWhatWasSaved() {
    if (!this.#saved) return;
    const { sentence, before, session, isUndoable } = this.#saved;
    this.#saved = null;
    const run = () => this.#undo(before, session);
    const action = isUndoable ? { label: text("common.undo"), run } : null;
    this.#notice.say(sentence, { action, seconds: UNDO_SECONDS });
  }

  async #undo(before, session) {
    try {
      await undo(before, session);
    } catch (problem) {
      this.#notice.warn(problem, () => this.#undo(before, session));
    }
    this.#calendar.focus(session.id);
  }

  async #review(sessionId, signal) {
    let module;
    try {
      module = await loadPanel();
    } catch {
      if (signal.aborted) return;
      if (navigator.onLine) this.#notice.warn({ message: text("shell.renewed") }, () => location.reload());
      else this.#notice.warn({ message: text("problems.offline") }, () => this.#review(sessionId, signal));
      return;
    }
    if (signal.aborted) return;
    const reload = () => this.#load(this.#visit);
    const before = this.#sessions.find(({ id }) => id === sessionId);
    const decided = (session) => {
      const isUndoable = before !== undefined && canUndo(before, session);
      this.#saved = { sentence: savedSentence(session, this.#identity), before, session, isUndoable };
      reload();
    };
    await module.openLesson(sessionId, {
      identity: this.#identity,
      signal,
      onDecided: decided,
      onChanged: reload,
      onClosed: () => {
        if (!signal.aborted) this.#back();
        this.#calendar.focus(sessionId);
      },
    });
  }
}

/** Show the week that the address names by one of its days, and over it the lesson that the address names. */
export async function show(visit) {
  if (!visit.again) page = new WeekPage(visit);
  await page.show(visit);
}

// The calendar of a week: hours as rows, days as columns; on a phone one day as a list, below a strip of the days.

import { element } from "../../components.js";
import { dayOfMonth, hourOfDay, longDay, text, weekday } from "../../localization.js";
import { block } from "./block.js";
import { heightOf, neighbour, placedByDay, rowsOf, topOf } from "./layout.js";

const KEYS = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"]);

function place(made, properties) {
  for (const [name, value] of Object.entries(properties)) made.style.setProperty(`--${name}`, value);
  return made;
}

function lessonsOf(parts) {
  return text("week.count", { count: parts.filter(({ isContinued }) => !isContinued).length });
}

/** The days of one week with their lessons. `linkTo(id, date)` is the address of a lesson on a day, `onDay(date)` chooses a day. */
export class Calendar {
  element = element("div", { class: "week" });
  #links = [];
  #placed = [];
  #dates = [];
  #columns = [];
  #linkTo;
  #onDay;
  #line = element("div", { class: "now-line" });
  #rows = [];

  constructor({ linkTo, onDay }) {
    this.#linkTo = linkTo;
    this.#onDay = onDay;
    this.element.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Show sessions on these dates; `chosen` is the day that a phone shows, `today` the present one. */
  show(sessions, dates, { chosen, today }) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset : {};
    this.#dates = dates;
    this.#placed = placedByDay(sessions, dates);
    this.#rows = rowsOf(this.#placed);
    this.#links = this.#placed.map((parts) =>
      parts.map((part) => block(part, this.#linkTo(part.session.id, part.date))),
    );
    this.#columns = dates.map((date, index) => this.#day(date, index, today));
    this.element.replaceChildren(
      this.#strip(today),
      this.#scale(),
      element("div", { class: "week-days" }, this.#columns),
    );
    place(this.element, { hours: heightOf(this.#rows) });
    this.choose(chosen);
    if (focused.session) this.focus(focused.session);
    if (focused.date) this.element.querySelector(`[data-date="${focused.date}"]`)?.focus();
  }

  /** Show another day of this week on a phone. */
  choose(date) {
    this.#columns.forEach((column, index) => {
      column.classList.toggle("chosen", this.#dates[index] === date);
    });
    for (const one of this.element.querySelectorAll(".day-strip button")) {
      one.setAttribute("aria-pressed", String(one.dataset.date === date));
    }
  }

  /** Draw the line of the present time, `{ date, minute }`, if it lies in this week and these hours. */
  showNow({ date, minute }) {
    const index = this.#dates.indexOf(date);
    const start = topOf(this.#rows, minute);
    this.#line.remove();
    if (index < 0 || start === null) return;
    place(this.#line, { start });
    // Behind the lessons: it would cross their names.
    this.#columns[index].querySelector(".day-lessons").before(this.#line);
  }

  /** Put the focus on a lesson; returns whether it is shown. */
  focus(sessionId) {
    const link = this.#links.flat().find((one) => one.dataset.session === String(sessionId));
    link?.focus();
    return Boolean(link);
  }

  #strip(today) {
    const days = this.#dates.map((date, index) =>
      element(
        "button",
        {
          type: "button",
          "data-date": date,
          class: date === today ? "today" : null,
          onclick: () => this.#onDay(date),
        },
        element("span", { "aria-hidden": "true" }, weekday(date)),
        element("strong", { "aria-hidden": "true" }, dayOfMonth(date)),
        element(
          "span",
          { class: "unseen" },
          text("week.dayOf", { day: longDay(date), lessons: lessonsOf(this.#placed[index]) }),
        ),
        element("span", { class: "dots", "aria-hidden": "true" }, this.#dots(this.#placed[index])),
      ),
    );
    return element("div", { class: "day-strip", role: "group", "aria-label": text("week.days") }, days);
  }

  #dots(parts) {
    const most = 4;
    return parts.slice(0, most).map(() => element("i", {}));
  }

  #scale() {
    const labels = this.#rows.map(({ hour, hours, height }) =>
      place(element("span", { class: hours > 1 ? "gap" : null }, hours > 1 ? "⋮" : hourOfDay(hour)), {
        length: height,
      }),
    );
    return element("div", { class: "week-scale", "aria-hidden": "true" }, labels);
  }

  /** Lines between the hours, and bands where some are left out. */
  #grid() {
    return this.#rows.map(({ hours, top, height }) =>
      place(element("div", { class: hours > 1 ? "hour gap" : "hour", "aria-hidden": "true" }), {
        start: top,
        length: height,
      }),
    );
  }

  #day(date, index, today) {
    const isToday = date === today;
    const parts = this.#placed[index];
    const items = parts.map((part, number_) => {
      const { column, columns } = part;
      const [start, end] = [part.start, part.end].map((minute) => topOf(this.#rows, minute));
      return place(element("li", {}, this.#links[index][number_]), {
        start,
        length: end - start,
        column,
        columns,
      });
    });
    const name = longDay(date);
    return element(
      "section",
      { class: isToday ? "week-day today" : "week-day", "aria-label": name },
      element(
        "h2",
        { "aria-current": isToday ? "date" : null },
        element("span", { class: "long-day" }, name),
        element(
          "span",
          { class: "short-day", "aria-hidden": "true" },
          weekday(date),
          " ",
          element("b", {}, dayOfMonth(date)),
        ),
      ),
      element(
        "div",
        { class: "day-hours" },
        this.#grid(),
        element("ol", { class: "day-lessons", role: "list" }, items),
      ),
      parts.length ? [] : element("p", { class: "quiet no-lessons" }, text("week.noneOfDay")),
    );
  }

  #move(event) {
    if (!KEYS.has(event.key) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const day = this.#links.findIndex((links) => links.includes(event.target));
    if (day < 0) return;
    event.preventDefault();
    const isMirrored = getComputedStyle(this.element).direction === "rtl";
    const mirrored = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
    const key = (isMirrored && mirrored[event.key]) || event.key;
    const target = neighbour(this.#placed, { day, index: this.#links[day].indexOf(event.target) }, key);
    if (!target) return;
    // On a phone only one day is shown.
    const link = this.#links[target.day][target.index];
    if (!link.checkVisibility()) this.#onDay(this.#dates[target.day]);
    link.focus();
  }
}

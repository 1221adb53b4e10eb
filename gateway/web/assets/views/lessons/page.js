// The page of all lessons: search and filters, and the list.

import { element } from "../../components.js";
import { text, zoneSentence } from "../../localization.js";
import { address } from "../../routes.js";
import { acceptClearButton } from "./accept-clear.js";
import { filterForm } from "./filter-form.js";
import { daysAreReversed, filterCount, filtersOf, listQuery, NO_FILTERS } from "./filters.js";
import { lessonList } from "./list.js";
import { onDemand } from "./on-demand.js";

const PATH = "/lessons";
let page = null;

class LessonsPage {
  #filters = NO_FILTERS;
  #said = element("p", { class: "quiet", role: "status" });
  #form = filterForm({ onChange: (filters, options) => this.#search(filters, options) });
  #list;
  #accept;
  #open;

  constructor({ main, notice, identity }) {
    this.#list = lessonList({
      identity,
      notice,
      queryOf: listQuery,
      addressOf: (id) => address(`${PATH}/${id}`, this.#filters),
      leaves: false,
      onShown: (shown) => this.#show(shown),
      noneOf: (filters) => this.#none(filters),
    });
    this.#accept = acceptClearButton({ identity, list: this.#list, notice, isPrimary: false });
    const place = element("div", { class: "beside" });
    this.#open = onDemand({ list: this.#list, place, listAddress: () => address(PATH, this.#filters) });
    const heading = element("h1", { tabindex: -1 }, text("shell.pages.lessons"));
    main.replaceChildren(
      element(
        "div",
        { class: "lessons" },
        element(
          "div",
          { class: "heading" },
          element("div", {}, heading, this.#said),
          this.#accept.element,
          this.#accept.explanation,
        ),
        element("div", { class: "work" }, this.#form.element, this.#list.element),
        place,
      ),
    );
  }

  async show(visit) {
    const {
      parameters: [sessionId],
      query,
      signal,
    } = visit;
    this.#filters = filtersOf(query);
    this.#form.show(this.#filters);
    // Not awaited: what is around the list can be used while it loads.
    if (daysAreReversed(this.#filters)) this.#clear();
    else this.#list.load(this.#filters, signal);
    await this.#open(sessionId, visit);
  }

  #clear() {
    this.#list.clear();
    this.#said.textContent = "";
    this.#accept.show([]);
  }

  #show({ hasMore, unmarked }) {
    this.#accept.show(unmarked);
    const count = this.#list.entries.size;
    const shown = count ? text(hasMore ? "lessons.shownSoFar" : "lessons.shown", { count }) : "";
    this.#said.textContent = `${shown} ${text("common.sentence", { words: zoneSentence() })}`.trim();
  }

  #none(filters) {
    if (!filterCount(filters)) return element("p", { class: "quiet" }, text("lessons.none"));
    return element("p", { class: "quiet" }, text("lessons.noneFits"));
  }

  #search(filters, { typed = false } = {}) {
    const target = address(PATH, filters);
    // The back button does not stop at each letter typed.
    if (typed) location.replace(target);
    else location.hash = target;
  }
}

/** Show the list that the address describes, and with it the lesson that the address names. */
export async function show(visit) {
  if (!visit.again) page = new LessonsPage(visit);
  await page.show(visit);
}

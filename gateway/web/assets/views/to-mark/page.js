// The tutor's first page: the lessons that wait to be marked, with what can be accepted at once.

import { button, element, iconButton } from "../../components.js";
import { lazy, lazyView } from "../../loading.js";
import { number, text, zoneSentence } from "../../localization.js";
import { setCount } from "../../navigation.js";
import { address } from "../../routes.js";
import { acceptClearButton } from "../lessons/accept-clear.js";
import { lessonList } from "../lessons/list.js";
import { onDemand } from "../lessons/on-demand.js";
import { filtersOf, findForm, includes, isFiltered, listQuery, NO_FILTERS } from "./find-form.js";

const PATH = "/to-mark";
const loadOverview = lazyView(() => import("./overview.js"), "overview");
const loadKeysHelp = lazy(() => import("../lessons/keys-help.js"), "overview");
/** The API counts up to this: there may be more. */
const MAX_COUNTED = 1000;

/** Write how many lessons wait to be marked; empty: none. `hasMore`: there are more than were counted. */
export function countInWords(count, hasMore = false) {
  if (!count) return "";
  return hasMore || count >= MAX_COUNTED ? text("toMark.many", { count: number(count) }) : number(count);
}

let page = null;

/** The button that shows which keys there are. */
function keysButton() {
  const open = iconButton("info", text("toMark.keys.open"), async () => {
    const { showKeys } = await loadKeysHelp();
    showKeys(open);
  });
  return open;
}

class ToMarkPage {
  #filters = NO_FILTERS;
  #heading = element("h1", { tabindex: -1 }, text("shell.pages.toMark"));
  #said = element("p", { class: "quiet", role: "status" });
  #form = findForm({ onChange: (filters, options) => this.#find(filters, options) });
  #aside = element("div", { class: "overview" });
  #findPlace = element("div", { class: "find" }, this.#form.element, keysButton());
  #work = element("div", { class: "work" });
  #root = element("div", { class: "lessons to-mark" });
  #list;
  #accept;
  #open;
  #visit = null;
  #hasAside = false;
  /** What waits for an answer (overview.js), once it is there. */
  #waiting = null;
  #isEmpty = false;
  #toMark = null;
  #toAnswer = { count: 0, hasMore: false };

  constructor({ main, notice, identity }) {
    this.#list = lessonList({
      identity,
      notice,
      queryOf: listQuery,
      includes,
      addressOf: (id) => address(`${PATH}/${id}`, this.#filters),
      leaves: true,
      onShown: (shown) => this.#show(shown),
      noneOf: (filters, options) => this.#none(filters, options),
    });
    this.#accept = acceptClearButton({ identity, list: this.#list, notice, onDone: () => this.#heading.focus() });
    const place = element("div", { class: "beside" });
    this.#open = onDemand({ list: this.#list, place, listAddress: () => address(PATH, this.#filters) });
    this.#work.append(this.#findPlace, this.#list.element);
    this.#root.append(
      element(
        "div",
        { class: "heading" },
        element("div", {}, this.#heading, this.#said),
        this.#accept.element,
        this.#accept.explanation,
      ),
      this.#work,
      element("div", { class: "side" }, place, this.#aside),
    );
    main.replaceChildren(this.#root);
  }

  async show(visit) {
    const {
      parameters: [sessionId],
      query,
      signal,
    } = visit;
    this.#visit = visit;
    this.#filters = filtersOf(query);
    this.#form.show(this.#filters);
    // Not awaited: what is around the list can be used while it loads.
    const loading = this.#list.load(this.#filters, signal);
    if (!this.#hasAside) loading.then(() => this.#showOverview()).then(() => this.#settled());
    await this.#open(sessionId, visit);
  }

  #show({ total, hasMore, unmarked }) {
    this.#accept.show(unmarked);
    const count = total ?? unmarked.length;
    this.#heading.textContent = count
      ? text("toMark.title", { count, number: countInWords(count) })
      : text("toMark.titleNone");
    this.#said.textContent =
      `${this.#summary(unmarked, { hasMore })} ${text("common.sentence", { words: zoneSentence() })}`.trim();
    const isAll = !isFiltered(this.#filters);
    if (isAll) this.#toMark = count;
    this.#writeCount();
    this.#showEmpty(isAll && count === 0 && this.#list.entries.size === 0);
  }

  /** The navigation counts all that waits: lessons to mark, and what asks for an answer. */
  #writeCount() {
    if (this.#toMark === null) return;
    const { count, hasMore } = this.#toAnswer;
    setCount("toMark", countInWords(this.#toMark + count, hasMore));
  }

  /** Where nothing is to mark there is nothing to search, and what waits for an answer comes first. */
  #showEmpty(isEmpty) {
    this.#isEmpty = isEmpty;
    this.#root.classList.toggle("is-empty", isEmpty);
    // What is not known yet would push down what is shown before.
    const isSettling = isEmpty && !this.#hasAside && !navigator.connection?.saveData;
    if (isSettling) this.#root.classList.add("is-settling");
    this.#findPlace.hidden = isEmpty && !this.#findPlace.contains(document.activeElement);
    this.#placeWaiting();
  }

  #settled() {
    this.#root.classList.remove("is-settling");
  }

  #placeWaiting() {
    const waiting = this.#waiting;
    // Whoever writes an answer there goes on writing.
    if (!waiting || waiting.contains(document.activeElement)) return;
    if (this.#isEmpty && waiting.parentElement !== this.#work) this.#list.element.before(waiting);
    if (!this.#isEmpty && waiting.parentElement === this.#work) this.#aside.append(waiting);
  }

  #summary(unmarked, { hasMore }) {
    if (!unmarked.length) return "";
    const clear = this.#accept.count;
    const values = { clear, look: unmarked.length - clear, listed: unmarked.length };
    const parts = [
      hasMore && text("toMark.listed", { count: values.listed }),
      clear > 0 && text("toMark.clear", { count: clear }),
      values.look > 0 && text("toMark.look", { count: values.look }),
    ];
    return text("common.sentence", { words: parts.filter(Boolean).join(text("common.comma")) });
  }

  #none(filters, { isDone }) {
    if (isFiltered(filters)) return isDone ? null : element("p", { class: "quiet" }, text("lessons.noneFits"));
    const place = element(
      "div",
      { class: "nothing" },
      element("p", { class: "all-done" }, text("toMark.nothing")),
      element("p", { class: "quiet" }, text("toMark.nothingExplained")),
    );
    const { identity, signal } = this.#visit;
    const isLiveBeside = !navigator.connection?.saveData;
    import("./next-lesson.js")
      .then(({ showNextLesson }) => showNextLesson(place, { identity, isLiveBeside, signal }))
      .catch(() => {});
    return place;
  }

  /** What is not needed to mark lessons is loaded after them; those who save data ask for it. */
  async #showOverview(isAsked = !navigator.connection?.saveData) {
    if (!isAsked) {
      const more = button(text("toMark.tiles.title"), () => this.#showOverview(true));
      this.#aside.replaceChildren(more);
      return;
    }
    if (this.#hasAside || this.#visit.signal.aborted) return;
    this.#hasAside = true;
    const { showOverview } = await loadOverview().catch(() => ({}));
    if (!showOverview) {
      this.#hasAside = false;
      return;
    }
    const { waiting, isRead } = showOverview(this.#aside, this.#visit, (toAnswer) => {
      this.#toAnswer = toAnswer;
      this.#writeCount();
    });
    this.#waiting = waiting;
    this.#placeWaiting();
    await isRead;
  }

  #find(filters, { typed = false } = {}) {
    const target = address(PATH, filters);
    // The back button does not stop at each letter typed.
    if (typed) location.replace(target);
    else location.hash = target;
  }
}

/** Show the lessons to mark, and with them the lesson that the address names. */
export async function show(visit) {
  if (!visit.again) page = new ToMarkPage(visit);
  await page.show(visit);
}

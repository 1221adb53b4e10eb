// The page of sessions: the list with its filters, and the dialogs over it.

import { button, element, statusWord } from "../../components.js";
import { text } from "../../localization.js";
import { address } from "../../routes.js";
import { learnersLabel, learnersOutcome, whenOf } from "./card.js";
import { filterForm } from "./filter-form.js";
import { daysAreReversed, filtersOf, NO_FILTERS } from "./filters.js";
import { sessionList } from "./list.js";

const PATH = "/lessons";
let page = null;

function savedSentence(session) {
  return text("lessons.saved", {
    course: session.course_name,
    when: whenOf(session),
    tutor: statusWord(session.tutor_attendance_status, session.tutor_attendance_source),
    learners: learnersLabel(session),
    student: learnersOutcome(session),
  });
}

class SessionsPage {
  #notice;
  #identity;
  #filters = NO_FILTERS;
  #signal = null;
  /** What to say once the dialog is closed and the list is visible again. */
  #savedMessage = "";
  /** Whether the browser's back button leads from the open session to the list. */
  #cameFromList = false;
  #list = sessionList({ onOpen: (id) => this.#open(id), onClear: () => this.#form.clear() });
  #form = filterForm({ onChange: (filters, options) => this.#search(filters, options) });

  constructor({ main, notice, identity }) {
    this.#notice = notice;
    this.#identity = identity;
    const heading = element("h1", { tabindex: -1 }, text("shell.pages.lessons"));
    const bulkAccept = button(text("lessons.apply.open"), () => this.#acceptMany());
    const zone = element("p", { class: "quiet" }, text("lessons.zone", document.documentElement.dataset));
    main.replaceChildren(
      element("div", { class: "heading" }, heading, bulkAccept),
      this.#form.element,
      zone,
      this.#list.element,
    );
  }

  async show({ parameters: [sessionId], query, signal }) {
    this.#filters = filtersOf(query);
    this.#signal = signal;
    this.#form.show(this.#filters);
    // Not awaited: what is around the list can be used while it loads.
    if (daysAreReversed(this.#filters)) this.#list.clear();
    else this.#list.load(this.#filters, signal);
    if (sessionId) return this.#showSession(Number(sessionId), signal);
    if (this.#savedMessage) this.#notice.say(this.#savedMessage);
    this.#savedMessage = "";
    return undefined;
  }

  #search(filters, { typed = false } = {}) {
    const target = address(PATH, filters);
    // The back button does not stop at each letter typed.
    if (typed) location.replace(target);
    else location.hash = target;
  }

  #addressOf(sessionId) {
    return address(`${PATH}/${sessionId}`, this.#filters);
  }

  #open(sessionId) {
    this.#cameFromList = true;
    location.hash = this.#addressOf(sessionId);
  }

  #backToList() {
    if (this.#cameFromList) history.back();
    else location.replace(address(PATH, this.#filters));
    this.#cameFromList = false;
  }

  /** Load the module of a dialog; null if it can't be loaded, or is not to open any more. `again` tries once more. */
  async #loadDialog(load, signal, again) {
    try {
      const module = await load();
      // A second click opens no second dialog.
      return signal.aborted || document.querySelector("dialog[open]") ? null : module;
    } catch {
      if (signal.aborted) return null;
      if (navigator.onLine) this.#notice.warn({ message: text("shell.renewed") }, () => location.reload());
      else this.#notice.warn({ message: text("problems.offline") }, again);
      return null;
    }
  }

  async #showSession(sessionId, signal) {
    const dialog = await this.#loadDialog(
      () => import("../lesson/panel.js"),
      signal,
      () => this.#showSession(sessionId, signal),
    );
    await dialog?.openLesson(sessionId, {
      identity: this.#identity,
      signal,
      onDecided: (session) => {
        this.#savedMessage = savedSentence(session);
        this.#list.update(session);
      },
      onChanged: (session) => this.#list.update(session),
      onClosed: () => {
        if (!signal.aborted) this.#backToList();
        this.#list.focus(sessionId);
      },
    });
  }

  async #acceptMany() {
    const signal = this.#signal;
    const dialog = await this.#loadDialog(
      () => import("./bulk-accept/dialog.js"),
      signal,
      () => this.#acceptMany(),
    );
    let marked = [];
    await dialog?.openBulkAccept({
      signal,
      linkTo: (sessionId) => this.#addressOf(sessionId),
      onWriting: (written) => {
        marked = written;
        this.#list.expire();
      },
      onClosed: () => {
        if (signal.aborted) return;
        if (marked.length) this.#notice.say(text("lessons.marked", { count: marked.length }));
        this.#list.load(this.#filters, signal);
      },
    });
  }
}

/** Show the list that the address describes, and over it the session that the address names. */
export async function show(visit) {
  if (!visit.again) page = new SessionsPage(visit);
  await page.show(visit);
}

// The sessions of whoever is signed in: to find, to look at and to mark.

import { address } from "../../address.js";
import { statusWord } from "../../components/status-badge.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { learnersWord, whenOf } from "./card.js";
import { filterForm } from "./filter-form.js";
import { NO_FILTERS, daysAreReversed, filtersOf } from "./filters.js";
import { sessionList } from "./list.js";

const PATH = "/sessions";
let page = null;

function savedSentence(session) {
  return text("sessions.saved", {
    course: session.course_name,
    when: whenOf(session),
    tutor: statusWord(session.tutor_attendance_status, session.tutor_attendance_source),
    learners: learnersWord(session),
    student: statusWord(session.student_attendance_status, session.student_attendance_source),
  });
}

class SessionsPage {
  #notice;
  #identity;
  #filters = NO_FILTERS;
  #signal = null;
  /** What is to be said when the list is in sight again. */
  #news = "";
  /** Whether the page before this one in the browser's history is the list. */
  #cameFromList = false;
  #list = sessionList({ onOpen: (id) => this.#open(id), onClear: () => this.#form.clear() });
  #form = filterForm({ onChange: (filters, options) => this.#look(filters, options) });

  constructor({ main, notice, identity }) {
    this.#notice = notice;
    this.#identity = identity;
    const heading = element("h1", { tabindex: -1 }, text("shell.pages.sessions"));
    const applying = button(text("sessions.apply.open"), () => this.#applyMany());
    const zone = element("p", { class: "quiet" }, text("sessions.zone", document.documentElement.dataset));
    main.replaceChildren(element("div", { class: "heading" }, heading, applying),
      this.#form.element, zone, this.#list.element);
  }

  async show({ parameters: [sessionId], query, signal }) {
    this.#filters = filtersOf(query);
    this.#signal = signal;
    this.#form.show(this.#filters);
    // Not waited for: what is around the list can be used meanwhile.
    if (daysAreReversed(this.#filters)) this.#list.refuse();
    else this.#list.load(this.#filters, signal);
    if (sessionId) return this.#showSession(Number(sessionId), signal);
    if (this.#news) this.#notice.say(this.#news);
    this.#news = "";
    return undefined;
  }

  #look(filters, { typed = false } = {}) {
    const there = address(PATH, filters);
    // Each letter typed is no step to go back to.
    if (typed) location.replace(there);
    else location.hash = there;
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

  /** Load the module of a dialog; null if it is not to open any more, or can't be had: `again` asks for it anew. */
  async #loaded(load, signal, again) {
    try {
      const module = await load();
      // Whoever clicks twice wants it once.
      return signal.aborted || document.querySelector("dialog[open]") ? null : module;
    } catch {
      if (signal.aborted) return null;
      if (navigator.onLine) this.#notice.warn({ message: text("shell.renewed") }, () => location.reload());
      else this.#notice.warn({ message: text("problems.offline") }, again);
      return null;
    }
  }

  async #showSession(sessionId, signal) {
    const dialog = await this.#loaded(() => import("../session/dialog.js"), signal,
      () => this.#showSession(sessionId, signal));
    await dialog?.openSession(sessionId, {
      identity: this.#identity,
      signal,
      onDecided: (session) => {
        this.#news = savedSentence(session);
        this.#list.renew(session);
      },
      onClosed: () => {
        if (!signal.aborted) this.#backToList();
        this.#list.focus(sessionId);
      },
    });
  }

  async #applyMany() {
    const signal = this.#signal;
    const dialog = await this.#loaded(() => import("./apply/dialog.js"), signal, () => this.#applyMany());
    let marked = [];
    await dialog?.openApplying({
      signal,
      linkTo: (sessionId) => this.#addressOf(sessionId),
      onWriting: (written) => {
        marked = written;
        this.#list.expire();
      },
      onClosed: () => {
        if (signal.aborted) return;
        if (marked.length) this.#notice.say(text("sessions.marked", { count: marked.length }));
        this.#list.load(this.#filters, signal);
      },
    });
  }
}

/** Show the list that the address describes, and over it the session that it names. */
export async function show(visit) {
  if (!visit.again) page = new SessionsPage(visit);
  await page.show(visit);
}

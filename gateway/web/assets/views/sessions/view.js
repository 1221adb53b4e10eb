// The sessions of whoever is signed in: to find, to look at and to mark.

import { address } from "../../address.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { whenOf } from "./card.js";
import { filterForm } from "./filter-form.js";
import { NO_FILTERS, daysAreReversed, filtersOf } from "./filters.js";
import { sessionList } from "./list.js";

const PATH = "/sessions";
let page = null;

function savedSentence(session) {
  const word = (status) => text(`common.status.${status}`);
  return text("sessions.saved", {
    course: session.course_name, when: whenOf(session),
    tutor: word(session.tutor_attendance_status), student: word(session.student_attendance_status),
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
    main.replaceChildren(element("div", { class: "heading" }, heading, applying),
      this.#form.element, element("p", { class: "quiet" }, text("sessions.zone", document.documentElement.dataset)),
      this.#list.element);
  }

  show({ parameters: [sessionId], query, signal }) {
    this.#filters = filtersOf(query);
    this.#signal = signal;
    this.#form.show(this.#filters);
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

  #open(sessionId) {
    this.#cameFromList = true;
    location.hash = address(`${PATH}/${sessionId}`, this.#filters);
  }

  async #showSession(sessionId, signal) {
    const { openSession } = await import("../session/dialog.js");
    if (signal.aborted) return;
    await openSession(sessionId, {
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
    const { openApplying } = await import("./apply/dialog.js");
    if (signal.aborted) return;
    let marked = 0;
    await openApplying({
      signal,
      linkTo: (sessionId) => address(`${PATH}/${sessionId}`, this.#filters),
      onWritten: (count) => {
        marked = count;
        this.#list.expire();
      },
      onClosed: () => {
        if (!marked || signal.aborted) return;
        this.#notice.say(text("sessions.marked", { count: marked }));
        this.#list.load(this.#filters, signal);
      },
    });
  }

  #backToList() {
    const cameFromList = this.#cameFromList;
    this.#cameFromList = false;
    if (cameFromList) history.back();
    else location.replace(address(PATH, this.#filters));
  }
}

/** Show the list that the address describes, and over it the session that it names. */
export async function show(visit) {
  if (!visit.again) page = new SessionsPage(visit);
  await page.show(visit);
}

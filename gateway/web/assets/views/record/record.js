// What is recorded about one student: in all, and lesson by lesson. Students see their own, parents their children's.

import { button, element } from "../../elements.js";
import { hasText, text } from "../../strings/index.js";
import { openSession } from "../session/dialog.js";
import { lessonCard } from "./lesson-card.js";
import { lessonPages } from "./lessons.js";
import { recordSummary } from "./summary.js";

/** As many as fill a window, so that nothing moves when the lessons come. */
const PLACES_KEPT = 6;

function keptPlaces() {
  return Array.from({ length: PLACES_KEPT }, () => element("li", { class: "card lesson kept", "aria-hidden": "true" }));
}

function wordOf(status) {
  return hasText(`common.status.${status}`) ? text(`common.status.${status}`) : status;
}

/**
 * Make the record of a student and begin to load it. `studentId` is student_profiles.id, or null for a student's account
 * without one; `onlyTheirs` leaves out other students' lessons; `mayReport` offers to report. Returns `{ element, open }`.
 */
export function studentRecord({ identity, studentId, onlyTheirs = false, mayReport = false, notice, signal }) {
  const next = lessonPages(onlyTheirs ? studentId : null, signal);
  const summary = studentId === null ? null : recordSummary(studentId, signal);
  const list = element("ul", { class: "cards", "aria-busy": "true" }, keptPlaces());
  const shown = element("p", { class: "quiet", role: "status" });
  const more = button(text("common.more"), () => load(), { hidden: true });

  function cardOf(session) {
    return lessonCard(session, { mayReport, onOpen: ({ id }) => open(id) });
  }

  function opener(sessionId) {
    return list.querySelector(`[data-session="${sessionId}"]`);
  }

  function renew(session) {
    opener(session.id)?.closest("li").replaceWith(cardOf(session));
    notice.say(text("people.record.reported", { status: wordOf(session.student_attendance_status) }));
    summary?.load();
  }

  function open(sessionId, { onClosed = () => {} } = {}) {
    return openSession(sessionId, {
      identity,
      signal,
      onDecided: renew,
      onClosed() {
        if (signal.aborted) return;
        onClosed();
        opener(sessionId)?.focus();
      },
    });
  }

  function show(lessons, isLast) {
    if (list.hasAttribute("aria-busy")) list.replaceChildren();
    list.removeAttribute("aria-busy");
    const cards = lessons.map(cardOf);
    list.append(...cards);
    more.hidden = isLast;
    const count = list.children.length;
    shown.textContent = count ? text("people.record.shown", { count }) : text("people.record.empty");
    return cards;
  }

  async function load() {
    const isFirst = list.hasAttribute("aria-busy");
    more.disabled = true;
    try {
      const { lessons, isLast } = await next();
      const [first] = show(lessons, isLast);
      // The button may be gone: whoever used it goes on at what came.
      if (!isFirst) first?.querySelector("button").focus();
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
    more.disabled = false;
  }

  load();
  summary?.load();
  return {
    element: element("div", { class: "record" }, summary?.element ?? element("p", {}, text("people.summary.noProfile")),
      element("section", {}, element("h2", {}, text("people.record.lessons")), list, shown, more)),
    open,
  };
}

// Deciding by hand: nothing is chosen beforehand.

import { NOT_MARKED } from "../../components/status-badge.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { notesField, statusChoice } from "./form-fields.js";

/**
 * Make the form for `people` (of `tutor` and `student`), who are called what `labelOf` says. `show(session)` takes what
 * is stored and leaves alone what was typed; `decision({ withStatuses })` returns what to send to MarkAttendance, or
 * null after telling what is missing.
 */
export function manualForm({ people, labelOf, draft, onDecide, onCancel }) {
  let session = null;
  const choices = Object.fromEntries(people.map((person) => [person, statusChoice(person, labelOf(person), keep)]));
  const notes = notesField(keep);
  const storedNotes = () => session?.attendance_notes ?? "";
  const isTyped = () => notes.value() !== storedNotes();

  function keep() {
    const statuses = people.map((person) => choices[person].value());
    draft.keep({ statuses, notes: isTyped() ? notes.value() : null });
  }

  function chosen() {
    return people.filter((person) => choices[person].value())
      .map((person) => [`${person}_attendance_status`, choices[person].value()]);
  }

  /** Who is not marked yet is to be; who is, stays as recorded where nothing is chosen. */
  function missing() {
    const isUnmarked = (person) => session[`${person}_attendance_source`] === NOT_MARKED;
    const open = people.filter((person) => isUnmarked(person) && !choices[person].value());
    return open.length || chosen().length || isTyped() ? open : people;
  }

  function isComplete() {
    const open = missing();
    for (const person of people) choices[person].complain(open.includes(person) ? text("session.choose") : "");
    if (open.length) choices[open[0]].focus();
    return open.length === 0;
  }

  function submit(event) {
    event.preventDefault();
    onDecide();
  }

  return {
    element: element("form", { class: "manual", novalidate: true, onsubmit: submit },
      element("h3", {}, text(people.length > 1 ? "session.manual" : "session.report")),
      element("div", { class: "groups" }, people.map((person) => choices[person].element)), notes.element,
      element("div", { class: "actions" },
        element("button", {}, text("common.save")), button(text("common.cancel"), onCancel))),
    isTyped,
    show(newer) {
      const hadTyped = session && isTyped();
      session = newer;
      if (!hadTyped) notes.fill(storedNotes());
    },
    restore({ statuses, notes: words }) {
      people.forEach((person, index) => choices[person].choose(statuses[index]));
      if (words !== null) notes.fill(words);
    },
    decision({ withStatuses }) {
      if (notes.isTooLong()) notes.focus();
      if (notes.isTooLong() || (withStatuses && !isComplete())) return null;
      return {
        ...(withStatuses ? Object.fromEntries(chosen()) : {}),
        ...(isTyped() ? { attendance_notes: notes.value() } : {}),
        attendance_etag: session.attendance_etag,
      };
    },
  };
}

// The form to decide by hand. Nothing is chosen beforehand.

import { button, element, NOT_MARKED } from "../../components.js";
import { number, text } from "../../localization.js";

const STATUSES = ["present", "late", "absent"];
/** What the API takes (docs/api.md, MarkAttendance). */
const MAX_CHARACTERS = 2000;
/** When fewer are left, a warning says so. */
const FEW_CHARACTERS = 100;

/** Make the choice of a status for `person` (`tutor` or `student`). `onchange()` is called at each choice. */
function statusChoice(person, label, onchange) {
  const problem = element("p", { class: "problem", id: `${person}-problem` });
  const radios = STATUSES.map((value) => element("input", { type: "radio", name: person, value, onchange }));
  const labels = radios.map((radio) => element("label", {}, radio, text(`common.status.${radio.value}`)));
  return {
    element: element(
      "fieldset",
      { role: "radiogroup", "aria-describedby": problem.id },
      element("legend", {}, label),
      element("div", { class: "statuses" }, labels),
      problem,
    ),
    focus: () => radios[0].focus(),
    value: () => radios.find(({ checked }) => checked)?.value,
    choose(status) {
      for (const radio of radios) radio.checked = radio.value === status;
    },
    showProblem: (sentence) => problem.replaceChildren(sentence),
  };
}

/** The API counts characters; `length` would count some twice. */
const lengthOf = (content) => [...content].length;

function warning(left) {
  if (left < 0) return text("session.tooLong", { count: -left });
  return left < FEW_CHARACTERS ? text("session.fewLeft", { count: left }) : "";
}

/**
 * Make the field for notes. It shows how many characters there are, and does not cut off what is too long. `oninput()`
 * is called when the user types.
 */
function notesField(oninput) {
  const counter = element("p", { class: "quiet", id: "notes-count" });
  const problem = element("p", { class: "problem", id: "notes-problem", role: "status" });
  const field = element("textarea", {
    id: "session-notes",
    rows: 3,
    "aria-describedby": `${counter.id} ${problem.id}`,
    oninput() {
      count();
      oninput();
    },
  });

  function count() {
    const length = lengthOf(field.value);
    counter.textContent = text("session.counted", { length: number(length), most: number(MAX_CHARACTERS) });
    problem.textContent = warning(MAX_CHARACTERS - length);
  }

  count();
  return {
    element: element(
      "div",
      { class: "notes" },
      element("label", { for: field.id }, text("session.notesField")),
      field,
      counter,
      problem,
    ),
    focus: () => field.focus(),
    value: () => field.value,
    isTooLong: () => lengthOf(field.value) > MAX_CHARACTERS,
    fill(content) {
      field.value = content;
      count();
    },
  };
}

/**
 * Make the form for `people` (of `tutor` and `student`), labelled by `labelOf`. `show(session)` shows what is stored and
 * leaves alone what was typed; `only(people)` asks about fewer. `decision({ withStatuses })` returns what to send to MarkAttendance; if something is
 * missing, it says so beside the field and returns null.
 */
export function decisionForm({ people, labelOf, draft, onDecide, onCancel }) {
  let session = null;
  /** Those who are still asked about. */
  let asked = people;
  const choices = Object.fromEntries(people.map((person) => [person, statusChoice(person, labelOf(person), keep)]));
  const notes = notesField(keep);
  const storedNotes = () => session?.attendance_notes ?? "";
  const isTyped = () => notes.value() !== storedNotes();

  function keep() {
    const statuses = people.map((person) => choices[person].value());
    draft.keep({ statuses, notes: isTyped() ? notes.value() : null });
  }

  function chosen() {
    return asked
      .filter((person) => choices[person].value())
      .map((person) => [`${person}_attendance_status`, choices[person].value()]);
  }

  /** Those who are not marked yet have to be; those who are, stay as recorded unless something is chosen. */
  function missing() {
    const isUnmarked = (person) => session[`${person}_attendance_source`] === NOT_MARKED;
    const unanswered = asked.filter((person) => isUnmarked(person) && !choices[person].value());
    return unanswered.length || chosen().length || isTyped() ? unanswered : asked;
  }

  function isComplete() {
    const unanswered = missing();
    for (const person of people) choices[person].showProblem(unanswered.includes(person) ? text("session.choose") : "");
    if (unanswered.length) choices[unanswered[0]].focus();
    return unanswered.length === 0;
  }

  function submit(event) {
    event.preventDefault();
    onDecide();
  }

  return {
    element: element(
      "form",
      { class: "manual", novalidate: true, onsubmit: submit },
      element("h3", {}, text(people.length > 1 ? "session.manual" : "session.report")),
      element(
        "div",
        { class: "groups" },
        people.map((person) => choices[person].element),
      ),
      notes.element,
      element(
        "div",
        { class: "actions" },
        element("button", {}, text("common.save")),
        button(text("common.cancel"), onCancel),
      ),
    ),
    isTyped,
    only(fewer) {
      asked = fewer;
      for (const person of people) choices[person].element.hidden = !fewer.includes(person);
    },
    show(newer) {
      const hadTyped = session && isTyped();
      session = newer;
      if (!hadTyped) notes.fill(storedNotes());
    },
    restore({ statuses, notes: draft }) {
      for (const [index, person] of people.entries()) choices[person].choose(statuses[index]);
      if (draft !== null) notes.fill(draft);
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

// The form to decide by hand. Nothing is chosen beforehand.

import { button, element, NOT_MARKED } from "../../components.js";
import { number, text } from "../../localization.js";
import { excuseField } from "./excuse-field.js";
import { isGroupClass } from "./people.js";
import { statusChoice } from "./status-choice.js";
import { studentRows } from "./student-rows.js";

/** What the API takes (docs/api.md, MarkAttendance). */
const MAX_CHARACTERS = 2000;
/** When fewer are left, a warning says so. */
const FEW_CHARACTERS = 100;

/** The API counts characters; `length` would count some twice. */
const lengthOf = (content) => [...content].length;

function warning(left) {
  if (left < 0) return text("lesson.tooLong", { count: -left });
  return left < FEW_CHARACTERS ? text("lesson.fewLeft", { count: left }) : "";
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
    counter.textContent = text("lesson.counted", { length: number(length), most: number(MAX_CHARACTERS) });
    problem.textContent = warning(MAX_CHARACTERS - length);
  }

  count();
  return {
    element: element(
      "div",
      { class: "notes" },
      element("label", { for: field.id }, text("lesson.notesField")),
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

/** Make what is asked about one person: a status and, where `mayExcuse`, an excuse of an absence. */
function personField(person, label, mayExcuse, onchange) {
  let recorded = null;
  const excuse = excuseField(person, onchange);
  const choice = statusChoice(person, label, () => {
    offerExcuse();
    onchange();
  });

  function offerExcuse() {
    excuse.offer(mayExcuse && (choice.value() ?? recorded) === "absent");
  }

  return {
    choice,
    excuse,
    element: element("div", {}, choice.element, excuse.element),
    show({ status, source, excused, reason }) {
      recorded = source === NOT_MARKED ? null : status;
      excuse.show({ excused, reason });
      offerExcuse();
    },
    restore(status, draft) {
      choice.choose(status);
      excuse.restore(draft);
      offerExcuse();
    },
    reset() {
      choice.choose(undefined);
      excuse.reset();
      offerExcuse();
    },
  };
}

/** Return what is stored about a person, as `personField` shows it. */
function storedAbout(person, session) {
  const [student] = session.students;
  const [excused, reason] =
    person === "tutor"
      ? [session.tutor_excused, session.tutor_excuse_reason]
      : [student?.excused, student?.excuse_reason];
  return {
    status: session[`${person}_attendance_status`],
    source: session[`${person}_attendance_source`],
    excused,
    reason,
  };
}

/** Return what to send about an excuse that has changed. */
function excuseToSend(person, change, session) {
  if (change === null) return {};
  if (person === "student") return { students: [{ student_id: session.students[0].student_id, ...change }] };
  const reason = change.excused ? { tutor_excuse_reason: change.excuse_reason } : {};
  return { tutor_excused: change.excused, ...reason };
}

/**
 * Make the form about `first`, the session as it was at first, for `people` (of `tutor` and `student`), labelled by
 * `labelOf`; of a class it asks about each student. `excuses` are those of `people` whose absence may be excused.
 * `show(session)` shows what is stored and leaves alone what was typed; `suggest(suggestion)` offers what is suggested
 * about each student of a class; `only(people)` asks about fewer; `reset()` forgets what was typed. `decision({ withStatuses })` returns what to send to
 * MarkAttendance; if something is missing, it says so beside the field and returns null.
 */
export function decisionForm({ session: first, people, excuses, labelOf, draft, onDecide, onCancel }) {
  const isClass = people.includes("student") && isGroupClass(null, first);
  const single = isClass ? people.filter((person) => person !== "student") : people;
  let session = null;
  let suggestion = null;
  /** Those who are still asked about. */
  let asked = single;
  const fields = Object.fromEntries(
    single.map((person) => [person, personField(person, labelOf(person), excuses.includes(person), keep)]),
  );
  const isParents = !people.includes("tutor");
  const rows = isClass
    ? studentRows({
        students: first.students,
        mayExcuse: excuses.includes("student"),
        isNeeded: isParents,
        onchange: keep,
      })
    : null;
  const notes = notesField(keep);
  const storedNotes = () => session?.attendance_notes ?? "";
  const hasNotes = () => notes.value() !== storedNotes();
  const isTyped = () => hasNotes() || (rows?.isTyped() ?? false);

  function keep() {
    draft.keep({
      statuses: single.map((person) => fields[person].choice.value()),
      excuses: single.map((person) => fields[person].excuse.draft()),
      notes: hasNotes() ? notes.value() : null,
      rows: rows?.draft(),
    });
  }

  function chosen() {
    return asked
      .filter((person) => fields[person].choice.value())
      .map((person) => [`${person}_attendance_status`, fields[person].choice.value()]);
  }

  const excuseOf = (person) => fields[person].excuse.change();
  const isAnything = () => chosen().length > 0 || hasNotes() || asked.some((person) => excuseOf(person) !== null);

  /** Those who are not marked yet have to be; those who are, stay as recorded unless something is chosen. */
  function missing() {
    const isUnmarked = (person) => session[`${person}_attendance_source`] === NOT_MARKED;
    const unanswered = asked.filter((person) => isUnmarked(person) && !fields[person].choice.value());
    return unanswered.length || isAnything() || rows ? unanswered : asked;
  }

  function isComplete() {
    const unanswered = missing();
    for (const person of single)
      fields[person].choice.showProblem(unanswered.includes(person) ? text("lesson.choose") : "");
    const isRequired = !isAnything() && !rows?.isChosen() && !rows?.isTyped();
    const areRowsComplete = rows?.isComplete({ isRequired }) ?? true;
    if (unanswered.length) fields[unanswered[0]].choice.focus();
    return unanswered.length === 0 && areRowsComplete;
  }

  /** Return what to send about single students of a class. */
  function marks(withStatuses) {
    const students = rows?.marks({ withStatuses }) ?? [];
    if (!students.length) return {};
    const accepts = students.some((student) => student.use_suggestion);
    return { students, ...(accepts ? { etag: suggestion.etag } : {}) };
  }

  function statuses() {
    const excused = asked.map((person) => excuseToSend(person, excuseOf(person), session));
    return Object.assign(Object.fromEntries(chosen()), ...excused);
  }

  function submit(event) {
    event.preventDefault();
    onDecide();
  }

  return {
    element: element(
      "form",
      { class: "manual", novalidate: true, onsubmit: submit },
      element("h3", {}, text(isParents ? "lesson.report" : "lesson.manual")),
      element(
        "div",
        { class: "groups" },
        single.map((person) => fields[person].element),
      ),
      rows?.element,
      isParents && isClass ? null : notes.element,
      element(
        "div",
        { class: "actions" },
        element("button", {}, text("common.save")),
        button(text("common.cancel"), onCancel),
      ),
    ),
    isTyped,
    only(fewer) {
      asked = single.filter((person) => fewer.includes(person));
      for (const person of single) fields[person].element.hidden = !asked.includes(person);
    },
    show(newer) {
      const hadTyped = session && hasNotes();
      session = newer;
      if (!hadTyped) notes.fill(storedNotes());
      for (const person of single) fields[person].show(storedAbout(person, session));
      rows?.show(session.students);
    },
    suggest(newer) {
      suggestion = newer;
      rows?.suggest(suggestion);
    },
    reset() {
      for (const person of single) fields[person].reset();
      notes.fill(storedNotes());
      rows?.reset();
    },
    restore({ statuses: chosenBefore, excuses: excusesBefore, notes: content, rows: rowsBefore }) {
      for (const [index, person] of single.entries()) {
        fields[person].restore(chosenBefore[index], excusesBefore[index]);
      }
      if (content !== null) notes.fill(content);
      rows?.restore(rowsBefore);
    },
    decision({ withStatuses }) {
      if (notes.isTooLong()) notes.focus();
      if (notes.isTooLong() || (withStatuses && !isComplete())) return null;
      return {
        ...(withStatuses ? statuses() : {}),
        ...marks(withStatuses),
        ...(hasNotes() ? { attendance_notes: notes.value() } : {}),
        attendance_etag: session.attendance_etag,
      };
    },
  };
}

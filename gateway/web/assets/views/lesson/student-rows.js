// Deciding on each student of a class by hand: a status, a note, an excuse.

import { button, element, isolated, NOT_MARKED } from "../../components.js";
import { text } from "../../localization.js";
import { excuseField } from "./excuse-field.js";
import { suggestedFor } from "./people.js";
import { SUGGESTED, statusChoice } from "./status-choice.js";

/** What the API takes (docs/api.md, MarkAttendance). */
const MAX_CHARACTERS = 2000;

function noteField(id, name, oninput) {
  const field = element("textarea", { id: `note-${id}`, rows: 2, maxlength: MAX_CHARACTERS, oninput });
  const label = element("label", { for: field.id, class: "unseen" }, text("lesson.noteOn", { name }));
  const details = element("details", {}, element("summary", {}, text("lesson.note")), label, field);
  return {
    element: details,
    value: () => field.value,
    fill(content) {
      field.value = content;
      if (content) details.open = true;
    },
  };
}

/** Make the row of a student; `isNeeded` is whether a note needs a status beside it, also where one is recorded. */
function studentRow({ student_id: id, name }, { mayExcuse, isNeeded, onchange }) {
  let stored = {};
  let suggested = null;
  const choice = statusChoice(`student-${id}`, isolated(name), changed);
  const note = noteField(id, name, onchange);
  const excuse = excuseField(`student-${id}`, onchange);
  const storedNote = () => stored.note ?? "";
  const isMarked = () => stored.attendance_source !== NOT_MARKED;
  const statusOf = (value) => (value === SUGGESTED ? suggested : value);
  const hasNote = () => note.value() !== storedNote();

  function offerExcuse() {
    const becomes = statusOf(choice.value()) ?? (isMarked() ? stored.attendance_status : suggested);
    excuse.offer(mayExcuse && becomes === "absent");
  }

  function changed() {
    offerExcuse();
    choice.showProblem("");
    onchange();
  }

  function statusToSend(withStatus) {
    const value = withStatus ? choice.value() : undefined;
    if (!value) return {};
    return value === SUGGESTED ? { use_suggestion: true } : { status: value };
  }

  return {
    id,
    choice,
    element: element("li", {}, choice.element, element("div", { class: "more" }, note.element, excuse.element)),
    isTyped: () => hasNote() || excuse.isTyped(),
    isChosen: () => Boolean(choice.value()),
    /** Whether something is written that needs a status. */
    isIncomplete: () => !choice.value() && (hasNote() || excuse.change() !== null) && (isNeeded || !isMarked()),
    show(newer) {
      const keeps = hasNote();
      stored = newer;
      if (!keeps) note.fill(storedNote());
      excuse.show({ excused: stored.excused, reason: stored.excuse_reason });
      offerExcuse();
    },
    suggest(status) {
      suggested = status;
      choice.suggest(status);
      offerExcuse();
    },
    choose(value) {
      choice.choose(value);
      changed();
    },
    takesSuggestion: () => suggested !== null,
    /** Return what to send to MarkAttendance about the student; null: nothing. */
    mark({ withStatus }) {
      const given = {
        ...statusToSend(withStatus),
        ...(hasNote() ? { note: note.value() } : {}),
        ...(excuse.change() ?? {}),
      };
      return Object.keys(given).length ? { student_id: id, ...given } : null;
    },
    reset() {
      choice.choose(undefined);
      note.fill(storedNote());
      excuse.reset();
      offerExcuse();
    },
    draft: () => ({ status: choice.value(), note: hasNote() ? note.value() : null, excuse: excuse.draft() }),
    restore(draft) {
      choice.choose(draft.status);
      if (draft.note !== null) note.fill(draft.note);
      excuse.restore(draft.excuse);
      offerExcuse();
    },
  };
}

/**
 * Make the rows of `students` (of a session). `show(students)` shows what is stored, `suggest(suggestion)` offers what is
 * suggested (null: nothing). `marks({ withStatuses })` returns what to send about them; `isComplete()` shows what is
 * missing. `mayExcuse` is whether absences can be excused, `isNeeded` whether each note needs a status beside it.
 */
export function studentRows({ students, mayExcuse, isNeeded, onchange }) {
  const rows = students.map((student) => studentRow(student, { mayExcuse, isNeeded, onchange }));
  function chooseAll(value, some = rows) {
    for (const row of some) row.choose(value);
  }
  function takeSuggestions() {
    chooseAll(
      SUGGESTED,
      rows.filter((row) => row.takesSuggestion()),
    );
  }
  const takeAll = button(text("lesson.allSuggested"), takeSuggestions, { hidden: true });
  const allPresent = button(text("lesson.allPresent"), () => chooseAll("present"));
  return {
    element: element(
      "div",
      { class: "class" },
      element("div", { class: "actions" }, allPresent, takeAll),
      element(
        "ul",
        { class: "students" },
        rows.map((row) => row.element),
      ),
    ),
    isTyped: () => rows.some((row) => row.isTyped()),
    isChosen: () => rows.some((row) => row.isChosen()),
    show(stored) {
      for (const row of rows) row.show(stored.find(({ student_id: id }) => id === row.id) ?? {});
    },
    suggest(suggestion) {
      for (const row of rows) row.suggest(suggestedFor(row.id, suggestion));
      takeAll.hidden = !rows.some((row) => row.takesSuggestion());
    },
    marks: ({ withStatuses }) => rows.map((row) => row.mark({ withStatus: withStatuses })).filter(Boolean),
    /** Say what is missing beside the rows, and focus the first; `isRequired` is whether something has to be chosen. */
    isComplete({ isRequired }) {
      const incomplete = rows.filter((row) => row.isIncomplete());
      if (!incomplete.length && isRequired) incomplete.push(rows[0]);
      for (const row of rows) row.choice.showProblem(incomplete.includes(row) ? text("lesson.choose") : "");
      incomplete[0]?.choice.focus();
      return incomplete.length === 0;
    },
    reset() {
      for (const row of rows) row.reset();
    },
    draft: () => rows.map((row) => row.draft()),
    restore(drafts) {
      for (const [index, row] of rows.entries()) row.restore(drafts[index]);
    },
  };
}

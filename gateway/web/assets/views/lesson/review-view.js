// What a review shows: what is recorded, the choice beside what was seen, notes, and the foot with the one button.

import { element } from "../../components.js";
import { text } from "../../localization.js";
import { bodyOf, changesIn } from "./body.js";
import { factsPart } from "./facts-part.js";
import { reviewFoot } from "./foot.js";
import { notesField } from "./notes-field.js";
import { attendeesOf, isSubstitute } from "./people.js";
import { peoplePart } from "./people-part.js";
import { permissionsOf, withdrawableBy } from "./permissions.js";
import { recordSection } from "./record.js";
import { actInWords } from "./sentences.js";
import { patterns } from "./timeline-drawing.js";

function notesLabel(session, isParents) {
  if (isParents) return text("lesson.notesOfParent");
  if (session.students.length !== 1) return text("lesson.notesOfClass");
  return text("lesson.notesFor", { name: session.students[0].name });
}

/**
 * Make the view. `session` is the session as it was when the review was opened, `identity` who is signed in, `allowed` what
 * `permissionsOf` returns, `draft` keeps what was typed, `noticeElement` is the place of messages. `show(session,
 * suggestion)` shows what is known now, and leaves alone what was chosen or typed. `decision()` returns what to send, or null
 * if something is missing, which is said beside it.
 */
export function reviewView({ session: first, identity, allowed, draft, noticeElement, onDecide, onWithdraw }) {
  let session = first;
  let suggestion = null;
  /** Whether the choices are shown; null until it is known what is recorded. */
  let isOpen = null;
  const { marks } = allowed;
  const isParents = marks.length === 1;
  const isOnlyRead = !marks.length && !allowed.isToCome && !allowed.isCancelled;
  const record = recordSection({ isAlways: isOnlyRead });
  const facts = factsPart({ isDecider: allowed.accepts });
  const notes = notesField("lesson-notes", {
    label: notesLabel(first, isParents),
    present: text("lesson.presentNote"),
    oninput: changed,
  });
  const people = peoplePart({
    people: attendeesOf(first, null, identity),
    session: first,
    asks: marks,
    excuses: allowed.excuses,
    accepts: allowed.accepts,
    isParents,
    onchange: changed,
  });
  const foot = reviewFoot({
    notice: noticeElement,
    isParents,
    onDecide,
    onOpen: () => open(true),
    onCancel: cancel,
    onWithdraw,
  });
  const substituteHint = element("p", { class: "hint", hidden: true }, text("lesson.substitute"));
  /** In a class parents write about their children alone. */
  const hasNotes = marks.length > 0 && !(isParents && people.isGroup);

  const present = () => attendeesOf(session, suggestion, identity);
  const isStandingIn = () => identity.role === "tutor" && isSubstitute(identity.userId, session);

  function asked() {
    const persons = isStandingIn() ? ["student"] : marks;
    return present().filter(({ person, isLocked }) => persons.includes(person) && !isLocked);
  }

  const isRecorded = () => asked().every(({ status }) => status !== null);
  /** While a lesson goes on, few want to mark it; and what is marked is changed on purpose. */
  const isOpenByItself = () => !isRecorded() && allowed.isOver && !suggestion?.provisional;

  function withdrawable() {
    const { tutor, students } = withdrawableBy(identity.role, session);
    return { tutor: tutor && !isStandingIn(), students };
  }

  function chosen() {
    return {
      choices: people.choices().filter(({ person }) => !person.isLocked),
      suggestion,
      notes: hasNotes ? notes.change() : undefined,
      etag: session.attendance_etag,
      isGroup: people.isGroup,
      isParent: isParents,
      mayAccept: allowed.accepts,
    };
  }

  function isMore({ choices, notes: written }) {
    return written !== undefined || choices.some(({ excuse, note }) => excuse !== null || note !== undefined);
  }

  /** What opens the choices is called by what becomes of the mark. */
  function opening() {
    if (!isRecorded()) return text(isParents ? "lesson.act.reportNothing" : "lesson.manually");
    const isReplacing = isParents && asked().some(({ source }) => source !== "parent_reported");
    return text(isReplacing ? "record.replace" : "lesson.change");
  }

  function showFoot() {
    const now = chosen();
    const { tutor, students } = withdrawable();
    foot.show({
      hint: permissionsOf(identity.role, session).hint,
      mayDecide: asked().length > 0,
      isOpen,
      isRecorded: isRecorded(),
      label: actInWords({
        missing: people.missing(),
        changes: changesIn(now.choices),
        isMore: isMore(now),
        isAgain: isRecorded(),
        isParent: isParents,
      }),
      opening: opening(),
      mayWithdraw: !isOpen && (tutor || students.length > 0),
      mayCancel: !isOpenByItself(),
    });
  }

  function unfold(opens) {
    isOpen = opens && asked().length > 0;
    people.open(isOpen);
    notes.element.hidden = !isOpen || !hasNotes;
    showFoot();
  }

  function open() {
    unfold(true);
    people.focus();
  }

  function reset() {
    people.reset();
    notes.reset();
    draft.forget();
  }

  function cancel() {
    reset();
    unfold(false);
    foot.focus();
  }

  function changed() {
    draft.keep({ people: people.draft(), notes: notes.draft() });
    showFoot();
  }

  return {
    element: element(
      "form",
      { class: "decision", novalidate: true, onsubmit: (event) => event.preventDefault() },
      patterns(),
      substituteHint,
      record.element,
      people.element,
      facts.element,
      notes.element,
      foot.element,
    ),
    people,
    record,
    facts,
    withdrawable,
    reset,
    show(newer, newerSuggestion) {
      session = newer;
      suggestion = newerSuggestion;
      const now = present();
      record.show(session, now);
      people.show(now, suggestion);
      notes.show(session.attendance_notes ?? "");
      if (suggestion) facts.show(suggestion, session, now);
      substituteHint.hidden = !isStandingIn();
      if (isStandingIn()) people.only(["student"]);
      const isAnybodyAsked = asked().length > 0;
      if (isOpen === null || (isOpen ? !isAnybodyAsked : isOpenByItself())) unfold(isAnybodyAsked && isOpenByItself());
      else showFoot();
    },
    /** Show what was typed before, and not saved. */
    restore(kept) {
      people.restore(kept.people);
      notes.restore(kept.notes);
      unfold(true);
    },
    /** Fold the choices again, as after a decision or its withdrawal. */
    settle: () => unfold(isOpenByItself()),
    /** Where there is nothing to be known or decided, the people are named in the head alone. */
    leaveOutPeople() {
      people.element.hidden = true;
      facts.leaveOut();
    },
    isTyped: () => notes.isTyped() || people.isTyped(),
    decision() {
      if (notes.isTooLong()) notes.focus();
      if (notes.isTooLong() || people.isTooLong() || !people.isComplete()) return null;
      const now = chosen();
      // Nothing is different: what is chosen is recorded already.
      return changesIn(now.choices).length || isMore(now) ? bodyOf(now) : undefined;
    },
  };
}

// What a decision sends to MarkAttendance (docs/api.md). Pure.

import { isAcceptable, isUnknowable } from "./people.js";

/**
 * Return the statuses that are recorded by these choices, `{ person, status }`: of those who are marked, only what is
 * chosen otherwise. A choice is `{ person, status, excuse, note }`; `status` is undefined if none is chosen.
 */
export function changesIn(choices) {
  return choices.filter(({ person, status }) => status !== undefined && status !== person.status);
}

/** Whether the choices are what is suggested, about everybody, and nobody is marked: then the suggestion is accepted. */
export function isAcceptance({ choices, suggestion, mayAccept }) {
  if (!mayAccept || !suggestion || !isAcceptable(suggestion)) return false;
  const tutor = choices.find(({ person }) => person.person === "tutor");
  // A substitute decides on students alone, and an excuse of the tutor is a word of its own.
  if (!tutor || tutor.excuse) return false;
  const isAsSuggested = ({ person, status = null }) => person.status === null && person.suggested === status;
  const isKnown = ({ person: { facts } }) => facts === null || !isUnknowable(facts);
  return choices.every((choice) => isAsSuggested(choice) && isKnown(choice)) && changesIn(choices).length > 0;
}

function statusToSend({ person, status }, { isGroup, mayAccept }) {
  if (status === undefined || status === person.status) return {};
  return isGroup && mayAccept && status === person.suggested ? { use_suggestion: true } : { status };
}

/** What goes into `students`: notes and excuses, and in a class the statuses. */
function studentMarks({ choices, isGroup, mayAccept, isParent }, withStatuses) {
  return choices
    .filter(({ person }) => person.person === "student")
    .map((choice) => {
      const { person, note, excuse } = choice;
      const own = withStatuses && isGroup ? statusToSend(choice, { isGroup, mayAccept }) : {};
      // Parents say a status with every note.
      const again = isParent && isGroup && note !== undefined && !own.status ? { status: choice.status } : {};
      return { student_id: person.id, ...own, ...again, ...(note === undefined ? {} : { note }), ...excuse };
    })
    .filter((mark) => Object.keys(mark).length > 1);
}

function tutorMark({ choices }, withStatuses) {
  const choice = choices.find(({ person }) => person.person === "tutor");
  if (!choice) return {};
  const { excused, excuse_reason: reason } = choice.excuse ?? {};
  return {
    ...(withStatuses && changesIn([choice]).length ? { tutor_attendance_status: choice.status } : {}),
    ...(excused === undefined ? {} : { tutor_excused: excused }),
    ...(excused && reason !== undefined ? { tutor_excuse_reason: reason } : {}),
  };
}

function studentStatus({ choices, isGroup, isParent, notes }) {
  const choice = choices.find(({ person }) => person.person === "student");
  if (isGroup || !choice || choice.status === undefined) return {};
  const isSaid = changesIn([choice]).length > 0 || (isParent && notes !== undefined);
  return isSaid ? { student_attendance_status: choice.status } : {};
}

/**
 * Return what to send. `choices` are about those who are asked about; `notes` are undefined if they stay as they are;
 * `isGroup` is whether the lesson has several students; `mayAccept` whether suggestions may be accepted.
 */
export function bodyOf(decision) {
  const { notes, etag, suggestion } = decision;
  const accepts = isAcceptance(decision);
  const students = studentMarks(decision, !accepts);
  const usesSuggestion = accepts || students.some((student) => student.use_suggestion);
  return {
    ...(accepts ? { use_suggestion: true } : {}),
    ...tutorMark(decision, !accepts),
    ...(accepts ? {} : studentStatus(decision)),
    ...(students.length ? { students } : {}),
    ...(usesSuggestion ? { etag: suggestion.etag } : {}),
    ...(notes === undefined ? {} : { attendance_notes: notes }),
    attendance_etag: etag,
  };
}

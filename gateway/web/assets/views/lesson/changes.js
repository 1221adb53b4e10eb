// What a decision changed, person by person. Pure.

import { text } from "../../localization.js";
import { DECIDED_ON, isGroupClass } from "./people.js";

function isAbout(person, decision) {
  return Boolean(decision[`${person}_status_after`] || decision[`${person}_withdrawn`]);
}

function changeOfPerson(person, decision) {
  return {
    person,
    label: text(`common.${person}`),
    before: decision[`${person}_status_before`],
    after: decision[`${person}_status_after`],
    isWithdrawn: decision[`${person}_withdrawn`],
    changesStatus: isAbout(person, decision),
    excused: person === "tutor" ? decision.tutor_excused : undefined,
    reason: person === "tutor" ? decision.tutor_excuse_reason : undefined,
  };
}

function changeOfStudent(student, isClass) {
  return {
    label: isClass ? student.name : text("common.student"),
    before: student.status_before,
    sourceBefore: student.source_before,
    after: student.status_after,
    isWithdrawn: student.withdrawn,
    changesStatus: Boolean(student.status_after || student.withdrawn),
    source: student.source,
    excused: student.excused,
    reason: student.excuse_reason,
    note: student.note,
  };
}

/**
 * Return what a decision (docs/api.md, AttendanceDecision) changed, the tutor first: `{ person, label, before, sourceBefore,
 * after, isWithdrawn, changesStatus, source, excused, reason, note }`, of which what it did not change is undefined.
 * `person` is set where the decision is about `tutor` or `student` as a whole, and not about single students.
 */
export function changesOf(decision, session) {
  const { students } = decision;
  const isClass = isGroupClass(null, session) || students.length > 1;
  const whole = students.length ? ["tutor"] : DECIDED_ON;
  return [
    ...whole
      .map((person) => changeOfPerson(person, decision))
      .filter((change) => change.changesStatus || change.excused !== undefined),
    ...students.map((student) => changeOfStudent(student, isClass)),
  ];
}

// What a decision changed, person by person. Pure.

import { text } from "../../localization.js";
import { DECIDED_ON } from "./people.js";

function isAbout(person, decision) {
  return Boolean(decision[`${person}_status_after`] || decision[`${person}_withdrawn`]);
}

function labelOf(person, session) {
  if (person === "tutor") return session.tutor_name || text("common.tutor");
  if (session.students.length > 1) return text("common.class");
  return session.students[0]?.name || session.student_name || text("common.student");
}

function changeOfPerson(person, decision, session) {
  return {
    person,
    label: labelOf(person, session),
    before: decision[`${person}_status_before`],
    after: decision[`${person}_status_after`],
    isWithdrawn: decision[`${person}_withdrawn`],
    changesStatus: isAbout(person, decision),
    excused: person === "tutor" ? decision.tutor_excused : undefined,
    reason: person === "tutor" ? decision.tutor_excuse_reason : undefined,
  };
}

function changeOfStudent(student) {
  return {
    label: student.name || text("common.student"),
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
  const whole = students.length ? ["tutor"] : DECIDED_ON;
  return [
    ...whole
      .map((person) => changeOfPerson(person, decision, session))
      .filter((change) => change.changesStatus || change.excused !== undefined),
    ...students.map(changeOfStudent),
  ];
}

// What the whiteboard recorded of a student in one line: nobody should have to answer a claim without it.

import { element } from "../../components.js";
import { number, text, wholeMinutes } from "../../localization.js";

const MINUTE_MS = 60_000;

function arrival({ lateness_minutes: late, reasons }) {
  if (reasons.includes("on_time") || !(late >= 1)) return text("claims.fact.onTime");
  return text("lesson.facts.late", { minutes: number(Math.floor(late)) });
}

/** Return what a lesson with its settled suggestion says about a student, in words. Pure. */
export function factsOfStudent({ suggestion, scheduled_start: start, scheduled_end: end }, studentId) {
  if (!suggestion) return text("claims.fact.unread");
  const judged = suggestion.students.find(({ student_id: id }) => id === studentId);
  if (!suggestion.has_whiteboard || !judged) return text("claims.fact.nothing");
  if (judged.reasons.includes("cannot_know")) return text("claims.fact.unknowable");
  if (judged.lateness_minutes === undefined) return text("claims.fact.never");
  if (judged.active_minutes === undefined || !start || !end) return arrival(judged);
  const duration = wholeMinutes((Date.parse(end) - Date.parse(start)) / MINUTE_MS);
  const presence = text("lesson.facts.present", { active: wholeMinutes(judged.active_minutes), duration });
  return [presence, arrival(judged)].join(text("lesson.act.between"));
}

/** Make the line. The items that wait come without what was measured, so it is read with the lesson. */
export function factsLine(session, studentId, { call, signal }) {
  const line = element("p", { class: "recorded-facts" }, text("shell.loading"));
  const say = (facts) => line.replaceChildren(text("claims.facts", { facts }));
  call(`/api/tutor/sessions/${session.id}`, { signal }).then(
    (newest) => say(factsOfStudent(newest, studentId)),
    () => say(text("claims.fact.unread")),
  );
  return line;
}

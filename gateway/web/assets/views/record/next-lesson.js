// The next lesson of a student, or the one that goes on: when, with whom, in how long, and the way in.

import { element, face, icon, isolated } from "../../components.js";
import { joinLink } from "../../join.js";
import { phaseOf } from "../../lesson-times.js";
import { dayHeading, ownTime, relativeTime, scheduledRange, text } from "../../localization.js";
import { wordButtons } from "./lesson-row.js";

function when({ session_date: date, start_time: start, end_time: end, scheduled_start: startsAt }) {
  const own = startsAt ? ownTime(startsAt) : "";
  const hours = start && end ? element("span", { class: "hours" }, scheduledRange(start, end)) : null;
  return [date && dayHeading(date), date && hours && text("common.comma"), hours, own && ` (${own})`].filter(Boolean);
}

function standing(session) {
  if (phaseOf(session) === "live")
    return element("span", { class: "chip present" }, icon("live"), text("common.lesson.in-progress"));
  const { scheduled_start: start, session_date: date } = session;
  const ago = start ? relativeTime(start) : "";
  // "Tomorrow" is said once: where the date names the day.
  return element("span", { class: "in" }, date && dayHeading(date).startsWith(ago) ? "" : ago);
}

function warning(kind, sign, content) {
  return element("p", { class: `about ${kind}` }, icon(sign), element("span", {}, content));
}

/** Make the card of a lesson that comes next or goes on. The options are those of `lessonRow`. */
export function nextLesson(session, options) {
  const { record, identity } = options;
  const { tutor_absence_announced: tutorsReason, tutor_name: tutor } = session;
  const join = joinLink(session, identity.role);
  return element(
    "article",
    { class: "card next-lesson", "data-session": session.id },
    element(
      "div",
      { class: "next-head" },
      element("h2", {}, text(phaseOf(session) === "live" ? "record.live" : "record.next")),
      standing(session),
    ),
    element("p", { class: "next-course" }, isolated(session.course_name)),
    element("p", { class: "next-tutor" }, face(tutor), isolated(tutor)),
    element("p", { class: "next-when" }, icon("calendar"), element("span", {}, when(session))),
    tutorsReason === undefined
      ? null
      : warning("open", "warning", text("common.announced", { name: tutor, reason: tutorsReason })),
    record.announced === undefined
      ? null
      : warning("", "away", text("common.announced", { name: record.name, reason: record.announced })),
    element("div", { class: "actions" }, join, wordButtons(session, options)),
  );
}

/** Make the card that says that nothing is scheduled. */
export function nothingNext(days) {
  return element(
    "article",
    { class: "card next-lesson none" },
    element("div", { class: "next-head" }, element("h2", {}, text("record.next"))),
    element("p", { class: "quiet" }, icon("calendar"), " ", text("record.nothingNext", { days })),
  );
}

/** Return the lesson to show beside those of `now`, as a list: while one is live, one wants to know the next one too. */
export function followingOf(now, coming) {
  if (now.some((session) => phaseOf(session) !== "live")) return [];
  return coming.filter(({ status }) => status !== "cancelled").slice(0, 1);
}

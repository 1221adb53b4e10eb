// Where nothing is to be marked: the lesson that goes on, or the next one.

import { call } from "../../api.js";
import { element, icon, isolated } from "../../components.js";
import { canJoin, whiteboardAddress } from "../../lesson-times.js";
import { dateOf, day, dayHeading, relativeTime, text } from "../../localization.js";
import { isCancelled, isLive, isOver } from "../lessons/state.js";
import { timesOf } from "../lessons/when.js";

const DAYS_AHEAD = 30;
const DAY_MS = 86_400_000;
const MAX_SESSIONS = 200;

async function nextLesson(signal) {
  const now = Date.now();
  const query = { date_from: dateOf(now), date_to: dateOf(now + DAYS_AHEAD * DAY_MS), page_size: MAX_SESSIONS };
  const { sessions } = await call("/api/tutor/sessions", { query, signal });
  // The list is newest first.
  return sessions.findLast((session) => session.scheduled_start && !isCancelled(session) && !isOver(session));
}

function joinLink({ whiteboard_id: whiteboard }) {
  const href = whiteboardAddress(whiteboard);
  return element("a", { class: "button primary", href }, icon("join"), text("lessons.join"));
}

/** Show it at `place`; where it can't be read, nothing. */
export async function showNextLesson(place, signal) {
  const session = await nextLesson(signal).catch(() => null);
  if (!session) return;
  const live = isLive(session);
  const { session_date: date, scheduled_start: start, student_name: who, course_name: course } = session;
  const ago = relativeTime(start);
  // "Tomorrow" is said once.
  const heading = !live && dayHeading(date).startsWith(ago) ? day(date) : dayHeading(date);
  const when = live ? text("toMark.now") : text("toMark.next", { ago });
  place.append(
    element(
      "div",
      { class: "next" },
      element("p", { class: "quiet" }, when),
      element("p", {}, element("strong", {}, isolated(course)), who ? [" · ", isolated(who)] : []),
      element("p", { class: "quiet" }, [
        heading,
        text("common.comma"),
        element("span", { class: "hours" }, timesOf(session)),
      ]),
      canJoin(session, "tutor") ? joinLink(session) : null,
    ),
  );
}

// Where nothing is to be marked: the next lesson, and where it is not shown beside the list, the one that goes on.

import { call } from "../../api.js";
import { element, icon, isolated } from "../../components.js";
import { canJoin, phaseOf, whiteboardAddress } from "../../lesson-times.js";
import { dateOf, day, dayHeading, relativeTime, text } from "../../localization.js";
import { isLive } from "../lessons/state.js";
import { timesOf } from "../lessons/when.js";

const DAYS_AHEAD = 30;
const DAY_MS = 86_400_000;
const MAX_SESSIONS = 200;
const TO_COME = ["coming"];
const NOW_AND_TO_COME = ["live", "soon", ...TO_COME];

async function nextLesson(phases, signal) {
  const now = Date.now();
  const query = { date_from: dateOf(now), date_to: dateOf(now + DAYS_AHEAD * DAY_MS), page_size: MAX_SESSIONS };
  const { sessions } = await call("/api/tutor/sessions", { query, signal });
  // The list is newest first.
  return sessions.findLast((session) => session.scheduled_start && phases.includes(phaseOf(session)));
}

async function hasLessons(signal) {
  const { sessions } = await call("/api/tutor/sessions", { query: { page_size: 1 }, signal });
  return sessions.length > 0;
}

/** Whoever has no lesson at all has none to be marked, either; it may be that the platform does not know them as a tutor. */
function noLessons({ profileId }) {
  const why = profileId === null ? element("p", { class: "quiet" }, text("toMark.noProfile")) : [];
  return [element("p", { class: "all-done" }, text("lessons.none")), why].flat();
}

function joinLink({ whiteboard_id: whiteboard }) {
  const href = whiteboardAddress(whiteboard);
  return element("a", { class: "button primary", href }, icon("join"), text("lessons.join"));
}

/** Show it at `place`; where it can't be read, nothing. `isLiveBeside`: what goes on or begins soon is shown elsewhere. */
export async function showNextLesson(place, { identity, isLiveBeside, signal }) {
  const session = await nextLesson(isLiveBeside ? TO_COME : NOW_AND_TO_COME, signal).catch(() => null);
  if (!session) {
    if (!(await hasLessons(signal).catch(() => true))) place.replaceChildren(...noLessons(identity));
    return;
  }
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

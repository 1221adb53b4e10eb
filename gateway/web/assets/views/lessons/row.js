// One lesson as a line: when, what and with whom, what is recorded or suggested, and what can be done.

import { announcedAbsences, button, chip, element, icon, isolated, sourceLabel } from "../../components.js";
import { canJoin, whiteboardAddress } from "../../lesson-times.js";
import { ownTime, relativeTime, text } from "../../localization.js";
import { chipsOf, factOf, isReader } from "./facts.js";
import {
  exceptionsOf,
  isAcceptable,
  isCancelled,
  isClass,
  isClear,
  isLive,
  isMarked,
  isOver,
  isToMark,
  suggestionKind,
} from "./state.js";
import { timesOf, unseenContext, whenOf } from "./when.js";

const HOUR_MS = 3_600_000;
/** So many students are named on a line; a larger class is only counted. */
const MAX_NAMED = 2;

function endedLately({ scheduled_end: end }) {
  const ago = Date.now() - Date.parse(end ?? "");
  return ago >= 0 && ago < HOUR_MS ? text("lessons.ended", { ago: relativeTime(end) }) : "";
}

function timePart(session) {
  const own = session.scheduled_start ? ownTime(session.scheduled_start) : "";
  const ended = isOver(session) && !isCancelled(session) && endedLately(session);
  // Above the list stands how far the zones are apart.
  return element(
    "p",
    { class: "time", title: own || null },
    timesOf(session) || text("lessons.noTime"),
    ended && element("small", {}, ended),
  );
}

function learners({ students }) {
  if (students.length > MAX_NAMED) return text("lessons.group", { count: students.length });
  if (!students.length) return text("common.notKnown");
  return students.map(({ name }, index) => [index ? text("common.comma") : "", isolated(name)]);
}

function people(session, { role }) {
  const { tutor_name: tutor } = session;
  return role === "admin" && tutor ? [isolated(tutor), text("lessons.with"), learners(session)] : learners(session);
}

/** Who is excused: with the reason where it is one person, else how many are. */
function excuseInWords({ tutor_excused: isTutorExcused, tutor_excuse_reason: tutorsReason, students }) {
  const excused = students.filter((one) => one.excused).map(({ excuse_reason: reason }) => reason);
  const reasons = isTutorExcused ? [tutorsReason, ...excused] : excused;
  if (reasons.length > 1) return text("lessons.excused", { count: reasons.length });
  return reasons[0] ? text("common.excusedBecause", { reason: reasons[0] }) : text("common.excused");
}

function isAnyoneExcused({ tutor_excused: isTutorExcused, students }) {
  return isTutorExcused || students.some(({ excused }) => excused);
}

/** Small signs about what is to be found inside. */
function signs(session) {
  return [
    isAnyoneExcused(session) && ["excused", excuseInWords(session)],
    session.open_claims > 0 && ["claim", text("claims.open", { count: session.open_claims })],
    session.parent_changed_mark && ["people", text("claims.parentChanged")],
    (session.attendance_notes || session.students.some(({ note }) => note)) && ["note", text("lessons.hasNotes")],
    session.source_before_move !== undefined && ["warning", text("lessons.moved")],
  ]
    .filter(Boolean)
    .map(([name, words]) => element("span", { class: "sign", title: words }, icon(name), element("span", {}, words)));
}

/** The times stand before the title, and the day above it: not all hear both. */
function unseenDay(session) {
  return element("span", { class: "unseen" }, `, ${whenOf(session)}`);
}

function whatPart(session, { identity, href, showsNumber }) {
  const title = element("a", { href, class: "title" }, isolated(session.course_name), unseenDay(session));
  return element(
    "div",
    { class: "what" },
    element("h3", {}, title),
    element(
      "p",
      { class: "quiet" },
      people(session, identity),
      showsNumber && element("span", { class: "number" }, ` · ${text("lessons.number", { id: session.id })}`),
    ),
  );
}

function stateChip(session) {
  if (isLive(session)) return element("span", { class: "chip live" }, icon("live"), text("common.lesson.in-progress"));
  const word = isCancelled(session) ? "cancelled" : "scheduled";
  return element("span", { class: "chip" }, text(`common.lesson.${word}`));
}

function chips(session, identity) {
  if (!isMarked(session) && (isCancelled(session) || !isOver(session))) return [stateChip(session)];
  return chipsOf(session, identity).map(({ kind, label, short, isSuggested }) => {
    const content = short
      ? [element("span", { "aria-hidden": "true" }, short), element("span", { class: "unseen" }, label)]
      : label;
    return element("span", { title: short ? label : null }, chip(kind, content, { suggested: isSuggested }));
  });
}

function factLine(session, identity) {
  if (isMarked(session)) return sourceLabel(session.attendance_source);
  return isOver(session) && !isCancelled(session) ? factOf(session, identity) : "";
}

function factsPart(session, { identity, problem }) {
  const fact = factLine(session, identity);
  const sure = isClear(session) && element("span", { class: "unseen" }, ` · ${text("lessons.certainty.clear")}`);
  return element(
    "div",
    { class: "facts" },
    element("p", { class: "chips" }, chips(session, identity)),
    element("p", { class: "fact" }, fact, sure, signs(session)),
    problem && element("p", { class: "problem" }, icon("warning"), problem),
    announcedAbsences(session, isReader(session, identity)),
  );
}

function openWord(session) {
  if (!isToMark(session)) return isMarked(session) && !isCancelled(session) ? "change" : "details";
  if (isMarked(session)) return "review";
  const kind = suggestionKind(session);
  return kind === "none" || kind === "unknown" ? "manually" : "review";
}

function openLink(session, href) {
  const word = openWord(session);
  const count =
    word === "review" && isClass(session) && suggestionKind(session) === "judged" ? exceptionsOf(session).length : 0;
  const label = count ? text("lessons.reviewCount", { count }) : text(`lessons.${word}`);
  return element("a", { href, class: "button small open", "data-session": session.id }, label, unseenContext(session));
}

function joinLink(session, { role }) {
  if (!canJoin(session, role)) return null;
  return element(
    "a",
    { class: "button small primary", href: whiteboardAddress(session.whiteboard_id) },
    icon("join"),
    text("lessons.join"),
    unseenContext(session),
  );
}

function actsPart(session, { identity, href, onAccept, onUndo, isDone }) {
  const context = () => unseenContext(session);
  if (isDone)
    return element(
      "div",
      { class: "acts" },
      element("span", { class: "done" }, icon("check"), text("lessons.done")),
      button([icon("undo"), text("common.undo"), context()], onUndo, { class: "small undo" }),
    );
  return element(
    "div",
    { class: "acts" },
    joinLink(session, identity),
    isAcceptable(session, identity) &&
      button([text("lessons.accept"), context()], onAccept, { class: "small primary accept" }),
    openLink(session, href),
  );
}

/**
 * Make what goes into the line of a lesson (docs/api.md, Session). `href` opens it; `isDone`: it was marked a moment ago,
 * which can be taken back; `problem` says in words what went wrong.
 */
export function rowContent(session, options) {
  return [timePart(session), whatPart(session, options), factsPart(session, options), actsPart(session, options)];
}

/** Make an empty line, which keeps the place of one that is being loaded. */
export function placeholderRow() {
  return element("li", { class: "row to-come", "aria-hidden": "true" });
}

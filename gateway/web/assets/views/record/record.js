// What is recorded about one student: a summary, and lesson by lesson. Students see their own, parents their children's.

import { call } from "../../api.js";
import {
  announcedAbsences,
  button,
  element,
  isolated,
  NOT_MARKED,
  sourceLabel,
  statusChip,
  statusWord,
} from "../../components.js";
import { day, lessonStatus, scheduledTime, text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { openLesson } from "../lesson/panel.js";
import { recordSummary } from "./summary.js";

const OWN_ADDRESS = "#/record";
const PAGE_SIZE = 20;
/** A cancelled lesson has no attendance to report. */
const CANCELLED = "cancelled";

/** Return what is recorded about one student of a session (student_profiles.id; null: the only one that is shown). */
function recordAbout(studentId, { students, ...session }) {
  const student = students.find(({ student_id: id }) => id === studentId) ?? students[0];
  if (student) return { ...student, status: student.attendance_status, source: student.attendance_source };
  return { status: session.student_attendance_status, source: session.student_attendance_source };
}

function excuseInWords({ excused, excuse_reason: reason }) {
  if (!excused) return null;
  return reason ? text("common.excusedBecause", { reason }) : text("common.excused");
}

function attendance({ status }, record) {
  if (status === CANCELLED) return null;
  const excuse = excuseInWords(record);
  return element(
    "p",
    { class: "recorded" },
    statusChip(record.status, record.source),
    record.source === NOT_MARKED ? null : sourceLabel(record.source),
    excuse && element("span", { class: "quiet" }, excuse),
  );
}

function notesOf(content) {
  return content ? element("p", { class: "notes" }, isolated(content)) : null;
}

function actOn(session, mayReport) {
  if (!mayReport || session.status === CANCELLED) return "details";
  return Date.parse(session.scheduled_start) > Date.now() ? "announce" : "report";
}

function openButton(session, { mayReport, onOpen }) {
  const act = actOn(session, mayReport);
  const start = scheduledTime(session.start_time);
  const which = { course: session.course_name, date: day(session.session_date), start };
  return button(text(`people.record.${act}`), () => onOpen(session), {
    "data-session": session.id,
    "aria-label": text(`people.record.${act}Of`, which),
  });
}

/** Make the card of a lesson; its button, to open or to report it, calls `onOpen(session)`. */
function lessonCard(session, options) {
  const record = recordAbout(options.studentId, session);
  const times = { start: scheduledTime(session.start_time), end: scheduledTime(session.end_time) };
  return element(
    "li",
    { class: "card lesson" },
    element("h3", {}, isolated(session.course_name)),
    element("p", { class: "quiet" }, `${day(session.session_date)}, ${text("people.record.time", times)}`),
    element(
      "p",
      { class: "quiet" },
      `${text("common.tutor")}: `,
      isolated(session.tutor_name),
      ` · ${lessonStatus(session.status)}`,
    ),
    attendance(session, record),
    announcedAbsences(session),
    session.open_claims > 0 &&
      element("p", { class: "announced" }, text("claims.open", { count: session.open_claims })),
    notesOf(session.attendance_notes),
    notesOf(record.note),
    element("div", { class: "actions" }, openButton(session, options)),
  );
}

function savedSentence({ status, source }) {
  if (source === NOT_MARKED) return text("people.record.withdrawn");
  return text("people.record.reported", { status: statusWord(status) });
}

/** Fill a window, so that nothing moves when the lessons come. */
const PLACEHOLDERS = 6;

function placeholders() {
  return Array.from({ length: PLACEHOLDERS }, () =>
    element("li", { class: "card lesson kept", "aria-hidden": "true" }),
  );
}

/** Parents see the lessons of all their children together: those of others are left out. */
function lessonPages(studentId) {
  const isTheirs = ({ students }) => studentId === null || students.some((student) => student.student_id === studentId);
  return new PagedList({
    readPage: (pageToken, signal) =>
      call("/api/tutor/sessions", { query: { page_size: PAGE_SIZE, page_token: pageToken }, signal }),
    rowsOf: ({ sessions }) => sessions.filter(isTheirs),
    minRows: PAGE_SIZE,
  });
}

/**
 * Make the record of a student, `{ element, open }`, and start to load it. `studentId` is student_profiles.id, or null
 * for a student's account without a profile; `onlyTheirs` leaves out other students' lessons; `mayReport` offers to
 * report.
 */
export function studentRecord({ identity, studentId, onlyTheirs = false, mayReport = false, notice, signal }) {
  const pages = lessonPages(onlyTheirs ? studentId : null);
  const summary = studentId === null ? null : recordSummary(studentId, signal);
  const list = element("ul", { class: "cards", "aria-busy": "true" }, placeholders());
  const shown = element("p", { class: "quiet", role: "status" });
  const more = button(text("common.more"), load, { hidden: true });

  function cardOf(session) {
    return lessonCard(session, { studentId, mayReport, onOpen: ({ id }) => open(id) });
  }

  function openerOf(sessionId) {
    return list.querySelector(`[data-session="${sessionId}"]`);
  }

  function replaceCard(session) {
    openerOf(session.id)?.closest("li").replaceWith(cardOf(session));
  }

  function update(session) {
    replaceCard(session);
    notice.say(savedSentence(recordAbout(studentId, session)));
    summary?.load();
  }

  function open(sessionId, { onClosed = () => {} } = {}) {
    return openLesson(sessionId, {
      identity,
      signal,
      onDecided: update,
      onChanged: replaceCard,
      onClosed() {
        if (signal.aborted) return;
        onClosed();
        openerOf(sessionId)?.focus();
      },
    });
  }

  function show(lessons) {
    if (list.hasAttribute("aria-busy")) list.replaceChildren();
    list.removeAttribute("aria-busy");
    const cards = lessons.map(cardOf);
    list.append(...cards);
    more.hidden = !pages.hasMore;
    const count = list.children.length;
    shown.textContent = count ? text("people.record.shown", { count }) : text("people.record.empty");
    return cards;
  }

  async function load() {
    const isFirst = list.hasAttribute("aria-busy");
    more.disabled = true;
    try {
      const lessons = await pages.next(signal);
      if (!lessons) return;
      const [first] = show(lessons);
      // After the last page the button is removed.
      if (!isFirst) first?.querySelector("button").focus();
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
    more.disabled = false;
  }

  load();
  summary?.load();
  return {
    element: element(
      "div",
      { class: "record" },
      summary?.element ?? element("p", {}, text("people.summary.noProfile")),
      element("section", {}, element("h2", {}, text("people.record.lessons")), list, shown, more),
    ),
    open,
  };
}

/** Show a student's own record, and over it the session that the address names (`#/record/12`). */
export function show({ main, notice, identity, parameters: [sessionId], signal }) {
  const record = studentRecord({ identity, studentId: identity.profileId, notice, signal });
  main.replaceChildren(element("h1", { tabindex: -1 }, text("people.record.title")), record.element);
  if (sessionId) record.open(Number(sessionId), { onClosed: () => history.replaceState(null, "", OWN_ADDRESS) });
}

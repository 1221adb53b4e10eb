// The record of one student: the next lesson, where they stand, what is recorded of each lesson, and what they or a parent
// say about it. Students see their own, parents their children's.

import { announceChange, onChange } from "../../changes.js";
import { button, element } from "../../components.js";
import { untilNextPhase } from "../../lesson-times.js";
import { text } from "../../localization.js";
import { UNDO_SECONDS } from "../../undo.js";
import { lessonRow } from "./lesson-row.js";
import { newestClaims, recordOf } from "./lesson-state.js";
import { COMING_DAYS, Lessons, readClaims } from "./lessons.js";
import { newAnswers } from "./new-answers.js";
import { followingOf, nextLesson, nothingNext } from "./next-lesson.js";
import { opening } from "./opening.js";
import { retrying } from "./retrying.js";
import { standingOf } from "./standing.js";
import {
  announceAbsence,
  announceAgain,
  sayWhatWasRight,
  takeAbsenceBack,
  takeClaimBack,
  takeReportBack,
} from "./words.js";

/** How many lessons a section shows at first, if it is not the last one. */
const FEW = 3;
/** How many past lessons are shown at first, and more at each click. */
const PAST = 20;
/** Times like "in 8 minutes" are written anew so often. */
const MINUTE_MS = 60_000;

/** What stands in the place of the next lesson until it is known; what comes below shows when it has its place. */
function placeholder() {
  return element("article", { class: "card next-lesson kept", "aria-hidden": "true" });
}

/**
 * Make the record of a student, `{ element, show(sessionId, visit) }`, and start to load it; `show` opens the lesson that
 * the address names, if any. `studentId` is student_profiles.id, or null where a student's account has none; `name` is the
 * student's; `base` is the record's address; `onClaims(claims)` is called with all claims of the person whenever they are
 * shown; `signal` is aborted when another view, or another child, is shown.
 */
export function studentRecord({ identity, studentId, name, base, notice, onClaims = () => {}, signal }) {
  const lessons = new Lessons(studentId, signal);
  const { onFailure, attempt } = retrying({ notice, signal, onFailed: () => root.classList.remove("loading") });
  const standing = studentId === null ? null : standingOf(studentId, { name, onFailure, signal });
  const next = element("div", { class: "next" }, placeholder());
  const list = element("div", { class: "lists", "aria-busy": "true" });
  const place = element("div", { class: "panel-place" });
  /** Sections that show all of their lessons. */
  const whole = new Set();
  let allClaims = [];
  let claims = new Map();
  let pastShown = PAST;
  /** Whether this view is about to read again what it has just written itself. */
  let isWriting = false;
  let timer;
  /** Whether the first reading failed. */
  let isMissing = false;
  /** Lessons about which something has changed, and the reading of everything that comes next, and the latest. */
  const stale = new Set();
  let queued = null;
  let latest = Promise.resolve();
  const answers = newAnswers(identity.userId, showAnswer);
  const reviews = opening({ base, list, place, onClosed: (sessionId) => focusOn(sessionId, "open") });

  const acts = {
    announce: (session, record) =>
      announceAbsence(session, record, { identity, coming: lessons.announceable(), signal }),
    comeAfterAll: (session, record) => attempt(() => takeAbsenceBack(session, record)),
    report: (session, record) => sayWhatWasRight(session, record, { identity, how: "report", signal }),
    claim: (session, record) => sayWhatWasRight(session, record, { identity, how: "claim", signal }),
    takeReportBack: (session, record) => attempt(() => takeReportBack(session, record, { signal })),
    takeClaimBack: (session) => attempt(() => takeClaimBack(claims.get(session.id))),
  };

  async function act(what, session) {
    const record = recordOf(session, studentId);
    const done = await acts[what](session, record);
    if (signal.aborted) return;
    if (what === "announce" && done?.length > 1) await tellMany(done);
    else if (done) await tell(session, what, what === "comeAfterAll" ? undoOf(session, record) : {});
    focusOn(session.id, what);
  }

  /** Show what was written about lessons, here and in other tabs. */
  async function showWritten(written) {
    await Promise.all(written.map(({ id }) => refresh(id)));
    if (signal.aborted) return;
    isWriting = true;
    for (const { id } of written) announceChange(id);
    isWriting = false;
  }

  /** Show what was written, and say it. */
  async function tell(session, what, options) {
    await showWritten([session]);
    if (!signal.aborted) notice.say(text(`record.said.${what}`, { tutor: session.tutor_name }), options);
  }

  async function tellMany(announced) {
    await showWritten(announced);
    if (!signal.aborted) notice.say(text("record.said.announceMany", { count: announced.length }));
  }

  function undoOf(session, record) {
    async function run() {
      const done = await attempt(() => announceAgain(session, record));
      if (done && !signal.aborted) await tell(session, "announce");
      focusOn(session.id, "comeAfterAll");
    }
    return { action: { label: text("common.undo"), run }, seconds: UNDO_SECONDS };
  }

  /** Lead to the lesson of a claim that was answered. */
  function showAnswer({ session_id: sessionId }) {
    const { waiting, past } = lessons.parts();
    if (waiting.some(({ id }) => id === sessionId)) whole.add("waiting");
    const index = past.findIndex(({ id }) => id === sessionId);
    pastShown = Math.max(pastShown, index + 1);
    render();
    const row = list.querySelector(`[data-session="${sessionId}"]`);
    if (!row) return reviews.go(sessionId);
    row.scrollIntoView({ block: "center" });
    return row.querySelector("a").focus({ preventScroll: true });
  }

  /** Focus the control that a person used last, or if it is gone, what stands in its place. */
  function focusOn(sessionId, what) {
    const row = root.querySelector(`[data-session="${sessionId}"]`);
    const control =
      row?.querySelector(`[data-act="${what}"]`) ??
      row?.querySelector(".acts [data-act], .actions [data-act]") ??
      row?.querySelector("a");
    control?.focus();
  }

  function optionsFor(session, part) {
    return {
      base,
      part,
      identity,
      act,
      record: recordOf(session, studentId),
      claim: claims.get(session.id),
    };
  }

  function rows(sessions, part) {
    return element(
      "ul",
      { class: "lesson-rows" },
      sessions.map((session) => lessonRow(session, optionsFor(session, part))),
    );
  }

  /** Announced absences and cancelled lessons are shown in any case. */
  function few(sessions, part) {
    if (whole.has(part) || part === "past") return sessions;
    const notable = (session) => part === "coming" && recordOf(session, studentId).announced !== undefined;
    return sessions.filter((session, index) => index < FEW || notable(session));
  }

  function showAll(part) {
    whole.add(part);
    render();
    list.querySelector(`.part-${part} .lesson-row a`)?.focus();
  }

  function section(part, sessions) {
    if (sessions.length === 0) return null;
    const shown = few(sessions, part);
    const more = button(text("record.all", { count: sessions.length }), () => showAll(part), { class: "plain" });
    return element(
      "section",
      { class: `part-${part}` },
      element("h2", {}, text(`record.parts.${part}`), element("span", { class: "quiet" }, ` ${sessions.length}`)),
      rows(shown, part),
      shown.length < sessions.length && more,
    );
  }

  function pastSection(sessions) {
    const hasMore = lessons.hasMore || sessions.length > pastShown;
    const more = button(text("common.more"), showMore, { hidden: !hasMore, class: "more" });
    if (sessions.length === 0 && !hasMore) return null;
    return element(
      "section",
      { class: "part-past" },
      element("h2", {}, text("record.parts.past")),
      rows(sessions.slice(0, pastShown), "past"),
      more,
    );
  }

  function render() {
    const focused = document.activeElement?.closest?.("[data-act]");
    const row = focused?.closest("[data-session]");
    const { now, coming, waiting, past } = lessons.parts();
    const nextOnes = [...now, ...followingOf(now, coming)];
    const later = coming.filter((session) => !nextOnes.includes(session));
    const isNothing = [now, coming, waiting, past].every((part) => part.length === 0);
    next.replaceChildren(
      ...(nextOnes.length
        ? nextOnes.map((session) => nextLesson(session, optionsFor(session, now.includes(session) ? "now" : "coming")))
        : [nothingNext(COMING_DAYS)]),
    );
    answers.show(claims);
    onClaims(allClaims);
    const sections = [section("waiting", waiting), section("coming", later), pastSection(past)].filter(Boolean);
    list.replaceChildren(...(isNothing ? [element("p", { class: "card empty" }, text("record.empty"))] : sections));
    list.removeAttribute("aria-busy");
    root.classList.remove("loading");
    if (row && !root.contains(focused)) focusOn(row.dataset.session, focused.dataset.act);
    clearTimeout(timer);
    timer = setTimeout(render, Math.min(MINUTE_MS, untilNextPhase([...now, ...coming])));
  }

  async function loadClaims() {
    allClaims = await readClaims(signal);
    claims = newestClaims(allClaims, studentId);
  }

  async function load() {
    isMissing = false;
    try {
      await Promise.all([lessons.load(), loadClaims()]);
      render();
    } catch (problem) {
      isMissing = true;
      onFailure(problem, load);
    }
  }

  async function showMore() {
    const before = list.querySelectorAll(".part-past .lesson-row").length;
    const readEnough = async () => {
      while (lessons.hasMore && lessons.parts().past.length < pastShown + PAST) await lessons.more();
      return true;
    };
    if (!(await attempt(readEnough))) return;
    pastShown += PAST;
    render();
    list.querySelectorAll(".part-past .lesson-row")[before]?.querySelector("a").focus();
  }

  /** Read everything again: what is recorded of a lesson says in which list it stands. */
  function readAgain() {
    const sessionIds = [...stale];
    stale.clear();
    return attempt(async () => {
      await Promise.all([lessons.reload(sessionIds), loadClaims()]);
      render();
      standing?.load();
    });
  }

  /** Read again after something has changed with one lesson; many changes at once are read together. */
  function refresh(sessionId) {
    stale.add(sessionId);
    queued ??= latest.then(() => {
      queued = null;
      return readAgain();
    });
    latest = queued;
    return latest;
  }

  /** The address changed, so what failed is no longer said. */
  function show(sessionId, visit) {
    if (isMissing) load();
    return reviews.show(sessionId, visit);
  }

  const root = element(
    "div",
    { class: "record loading" },
    answers.element,
    next,
    standing?.tiles ?? element("p", { class: "card" }, text("record.noProfile")),
    element("div", { class: "beside" }, list, element("div", { class: "aside" }, place, standing?.details ?? [])),
  );
  onChange((sessionId) => isWriting || refresh(sessionId), signal);
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  load();
  standing?.load();
  return { element: root, show };
}

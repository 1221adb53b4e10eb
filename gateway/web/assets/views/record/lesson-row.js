// One lesson in the record of a student: when, what, with whom, what is recorded, and what may be said about it.

import { button, chip, element, icon, isolated, sourceLabel, statusChip } from "../../components.js";
import { dateOf, day, scheduledRange, shortDay, text, weekday } from "../../localization.js";
import { notesByWriter } from "../claims/notes.js";
import { firstName, nameOfWord, wordOf } from "./lesson-state.js";

/** A tutor's mark is the usual case, and needs no words. */
const TOLD_SOURCES = new Set(["parent_reported", "admin_override"]);
const YEAR = "0000".length;
const CANCELLED = "cancelled";
const PARENT = "parent";
const PARENTS_WORD = "parent_reported";

/** The year is said where it is not the present one. */
function dayOf(date) {
  if (!date) return text("record.noDay");
  const isThisYear = date.slice(0, YEAR) === dateOf(Date.now()).slice(0, YEAR);
  return isThisYear ? text("record.day", { weekday: weekday(date), day: shortDay(date) }) : day(date);
}

function whenOf({ session_date: date, start_time: start, end_time: end }) {
  const times = start && end ? scheduledRange(start, end) : text("record.noTime");
  return [element("span", { class: "day" }, dayOf(date)), " ", element("span", { class: "hours" }, times)];
}

function state(session, part, record) {
  if (session.status === CANCELLED) return [chip("unknown", text("common.lesson.cancelled"))];
  if (part === "waiting") return [chip("unmarked", text("common.status.unmarked"))];
  if (part !== "past")
    return record.announced === undefined ? [] : [chip("absent", text("record.announced"), { suggested: true })];
  return [
    statusChip(record.status, record.source),
    record.excused && chip("excused", text("common.excused")),
    TOLD_SOURCES.has(record.source) && element("span", { class: "small" }, sourceLabel(record.source)),
  ];
}

function sentence(sign, key, values, kind = "") {
  return element("p", { class: `about ${kind}` }, icon(sign), element("span", {}, text(key, values)));
}

function openClaimKey(claim, record, userId) {
  const isOwn = claim.raised_by === userId;
  if (record.isMarked && record.status === claim.claimed_status) return isOwn ? "ownAgrees" : "agrees";
  return isOwn ? "ownOpen" : "open";
}

function claimLine(claim, record, userId) {
  if (!claim || claim.state === "taken_back") return null;
  const status = text(`common.status.${claim.claimed_status}`);
  const { raised_by_name: name, answered_by_name: by, answer_note: note } = claim;
  if (claim.state === "open") {
    const key = openClaimKey(claim, record, userId);
    return sentence("claim", `record.claim.${key}`, { name, status }, "open");
  }
  const key = note ? `record.claim.${claim.state}Because` : `record.claim.${claim.state}`;
  return sentence(claim.state === "accepted" ? "check" : "claim", key, { by, status, note });
}

function noteLines({ attendance_notes: notes, attendance_source: source }, record) {
  const [session, own] = [notesByWriter(notes, source), notesByWriter(record.note, record.source)];
  const staff = [session.staff, own.staff].filter(Boolean);
  const parent = [session.parent, own.parent].filter(Boolean);
  const line = (content, key) =>
    element("p", { class: "about note" }, icon("note"), element("span", {}, `${text(key)} `, isolated(content)));
  return [
    ...staff.map((one) => line(one, "record.noteOf.staff")),
    ...parent.map((one) => line(one, "record.noteOf.parent")),
  ];
}

function absenceLines({ tutor_name: name, tutor_absence_announced: reason }, record, part) {
  const isToCome = part === "coming" || part === "now";
  const key = isToCome ? "record.becauseOf" : "record.wasAnnounced";
  return [
    isToCome && reason !== undefined ? sentence("warning", "common.announced", { name, reason }, "open") : null,
    record.announced === undefined ? null : sentence("away", key, { reason: record.announced }),
  ];
}

/**
 * Make the buttons of what may be said about a lesson. `act(what, session)` does it: `announce`, `comeAfterAll`, `report`,
 * `claim`, `takeReportBack` or `takeClaimBack`.
 */
export function wordButtons(session, { part, record, claim, identity, act }) {
  const which = text("record.of", {
    course: session.course_name,
    day: session.session_date ? day(session.session_date) : "",
  });
  const make = (what, label, attributes = {}) =>
    button([label, element("span", { class: "unseen" }, which)], () => act(what, session), {
      "data-act": what,
      class: "small",
      ...attributes,
    });
  const isParent = identity.role === PARENT;
  if (part === "coming" || part === "now") {
    const hasBegun = Date.parse(session.scheduled_start ?? session.session_date) <= Date.now();
    if (!isParent || session.status === CANCELLED || hasBegun) return [];
    if (record.announced !== undefined) return [make("comeAfterAll", text("record.comeAfterAll"))];
    return [make("announce", text("record.announce"))];
  }
  if (claim?.state === "open") {
    return claim.raised_by === identity.userId ? [make("takeClaimBack", text("record.takeBack"))] : [];
  }
  const how = wordOf(identity.role, session, record, claim);
  const canTakeBack = isParent && record.source === PARENTS_WORD;
  const label = text(nameOfWord(how, record), { name: firstName(record.name) });
  return [
    how && (record.isMarked || isParent) ? make(how, label, record.isMarked ? { class: "small plain" } : {}) : null,
    canTakeBack ? make("takeReportBack", text("record.takeBack"), { class: "small plain" }) : null,
  ].filter(Boolean);
}

/** Make the row of a lesson; its link leads to all about it. Other options are those of `wordButtons`. */
export function lessonRow(session, { base, ...options }) {
  const { part, record, claim, identity } = options;
  const link = element(
    "a",
    {
      href: `${base}/${session.id}`,
      title: session.course_name,
      class: "course",
      "data-act": "open",
    },
    isolated(session.course_name),
  );
  const below = [
    absenceLines(session, record, part),
    claimLine(claim, record, identity.userId),
    noteLines(session, record),
  ];
  const reason =
    record.excused && record.reason ? sentence("excused", "record.excusedBecause", { reason: record.reason }) : null;
  const lines = [reason, ...below.flat()].filter(Boolean);
  return element(
    "li",
    { class: `lesson-row ${part}`, "data-session": session.id },
    element("p", { class: "when" }, whenOf(session)),
    element("div", { class: "what" }, link, element("span", { class: "quiet" }, isolated(session.tutor_name))),
    element("div", { class: "state" }, state(session, part, record)),
    element("div", { class: "acts" }, wordButtons(session, options)),
    lines.length > 0 && element("div", { class: "below" }, lines),
  );
}

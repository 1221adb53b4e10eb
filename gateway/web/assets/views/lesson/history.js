// The history of decisions on a session: who decided, when, from what to what, and what was suggested then.

import { call } from "../../api.js";
import { button, element, isolated, NOT_MARKED, sourceLabel, statusChip, statusWord } from "../../components.js";
import { dateTime, number, text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { changesOf } from "./changes.js";
import { factsInWords } from "./facts.js";

const PAGE_SIZE = 10;
/** The version of a decision by the built-in limits. */
const BUILT_IN = 0;
const SECONDS_PER_MINUTE = 60;

/** Make the line about one person: what was suggested then, how sure it was, and from what. */
function suggestedLine(person, { status, certainty, metrics, reasons = [] }, limits) {
  const words = { person, status: statusWord(status), certainty: text(`common.confidence.${certainty}`) };
  const facts = factsInWords({ facts: { metrics, reasons } }, limits);
  const line = text("lesson.evidence.person", words);
  return element("li", {}, line, element("span", { class: "quiet" }, " ", facts));
}

function suggestedThen(evidence, person, label, limits) {
  const facts = {
    status: evidence[`${person}_status_suggestion`],
    certainty: evidence[`${person}_confidence`],
    metrics: evidence[`${person}_metrics`],
    reasons: evidence[`${person}_reasons`],
  };
  return suggestedLine(label, facts, limits);
}

/** Make a line for the tutor and for the student, or for each student of a class. */
function suggestedLines(evidence, limits, session) {
  const { students = [] } = evidence;
  const tutor = suggestedThen(evidence, "tutor", session.tutor_name, limits);
  if (students.length < 2) {
    const name = students[0]?.name || session.student_name || text("common.student");
    return [tutor, suggestedThen(evidence, "student", name, limits)];
  }
  const each = students.map(({ name, status_suggestion: status, confidence: certainty, metrics, reasons }) =>
    suggestedLine(name, { status, certainty, metrics, reasons }, limits),
  );
  return [tutor, ...each];
}

function limitsOf({ limits, policy_version: version }) {
  const policy = version === BUILT_IN ? text("lesson.evidence.builtIn") : text("lesson.evidence.policy", { version });
  if (limits?.late_from_seconds === undefined) return policy;
  return text("lesson.evidence.limits", {
    policy,
    late: number(limits.late_from_seconds / SECONDS_PER_MINUTE),
    veryLate: number(limits.very_late_after_seconds / SECONDS_PER_MINUTE),
    absent: number(limits.absent_below_percent),
  });
}

function evidenceOf(decision, session) {
  const { evidence, limits: applied } = decision;
  const limits = element("p", { class: "quiet" }, limitsOf(decision));
  const suggestion = evidence?.has_whiteboard
    ? [
        element("p", {}, text("lesson.evidence.title")),
        element("ul", {}, suggestedLines(evidence, applied ?? {}, session)),
      ]
    : element("p", {}, text("lesson.evidence.none"));
  return element("div", { class: "evidence" }, suggestion, limits);
}

/** Make the badge of a person's status after a decision; one that withdraws leaves them not marked. */
function badgeAfter(person, decision) {
  return statusChip(decision[`${person}_status_after`], decision[`${person}_withdrawn`] ? NOT_MARKED : "");
}

/**
 * Make the badge of a person's status before a decision. The status in the row means nothing before the first decision on
 * that person: no older decision is about them, and the session was not marked before the first decision.
 */
function badgeBefore(person, decision, older, isComplete) {
  const earlier = older.find((each) => each[`${person}_status_after`] || each[`${person}_withdrawn`]);
  if (earlier) return badgeAfter(person, earlier);
  const first = older.at(-1) ?? decision;
  const wasUnmarked = isComplete && first.source_before === NOT_MARKED;
  return statusChip(decision[`${person}_status_before`], wasUnmarked ? NOT_MARKED : "");
}

/** Make the badges of the status before and after a change. */
function statusChange(change, decision, older, isComplete) {
  const before = change.person
    ? badgeBefore(change.person, decision, older, isComplete)
    : statusChip(change.before, change.sourceBefore);
  return [
    before,
    element("span", { class: "unseen" }, text("lesson.became")),
    element("span", { "aria-hidden": "true" }, " → "),
    statusChip(change.after, change.isWithdrawn ? NOT_MARKED : ""),
  ];
}

function excuseInWords({ excused, reason }) {
  if (!excused) return text("lesson.excuse.ended");
  return reason ? text("common.excusedBecause", { reason }) : text("common.excused");
}

function changeRow(change, decision, older, isComplete) {
  const { label, changesStatus, source, excused, note } = change;
  return [
    element("dt", {}, isolated(label)),
    element(
      "dd",
      {},
      changesStatus ? statusChange(change, decision, older, isComplete) : [],
      source && source !== decision.source ? [" · ", sourceLabel(source)] : [],
      excused === undefined ? [] : element("p", {}, excuseInWords(change)),
      note === undefined ? [] : element("p", { class: "notes" }, note || text("lesson.notesCleared")),
    ),
  ];
}

function notesRow(decision) {
  if (decision.notes === undefined) return [];
  return [
    element("dt", {}, text("lesson.notes")),
    element("dd", { class: "notes" }, decision.notes || text("lesson.notesCleared")),
  ];
}

/**
 * Make the list item of a decision (docs/api.md, AttendanceDecision): who, when, from what to what, and what was
 * suggested then. `older` are the decisions before it, newest first; `isComplete` is whether those are all of them.
 */
function decisionItem(session, decision, older, isComplete) {
  const role = text(`common.role.${decision.decided_by_role}`);
  return element(
    "li",
    {},
    element(
      "p",
      {},
      element("strong", {}, isolated(decision.decided_by_name)),
      text("lesson.inRole", { role }),
      " · ",
      element("time", { datetime: decision.decided_at }, dateTime(decision.decided_at)),
      " · ",
      sourceLabel(decision.source),
    ),
    element(
      "dl",
      {},
      changesOf(decision, session).flatMap((change) => changeRow(change, decision, older, isComplete)),
      notesRow(decision),
    ),
    evidenceOf(decision, session),
  );
}

/** Read a page of the decisions on a session, newest first. */
export function readHistory(sessionId, { pageSize = PAGE_SIZE, pageToken = "", signal }) {
  const query = { page_size: pageSize, page_token: pageToken };
  return call(`/api/tutor/sessions/${sessionId}/attendance-history`, { query, signal });
}

/** Make the history, which is read when it is opened. `forget()` has it read again, after another decision. */
export function historySection(session, signal) {
  const list = element("ol", { class: "decisions" });
  const place = element("p", { role: "status" });
  const more = button(text("common.more"), load, { hidden: true });
  const details = element(
    "details",
    { class: "history" },
    element("summary", {}, text("lesson.history")),
    list,
    place,
    more,
  );
  let pages = null;

  function show() {
    const { rows, hasMore } = pages;
    const shownBefore = list.children.length;
    list.replaceChildren(
      ...rows.map((decision, index) => decisionItem(session, decision, rows.slice(index + 1), !hasMore)),
    );
    more.hidden = !hasMore;
    place.replaceChildren(rows.length ? "" : text("lesson.noDecisions"));
    // After the last page the button that had the focus is removed.
    if (shownBefore && more.hidden) Object.assign(list.children[shownBefore], { tabIndex: -1 }).focus();
  }

  async function load() {
    const reading = pages;
    place.replaceChildren(text("lesson.loading"));
    try {
      const added = await reading.next(signal);
      if (added && reading === pages) show();
    } catch (problem) {
      if (signal.aborted || reading !== pages) return;
      place.replaceChildren(problem.message, " ", button(text("common.retry"), load));
    }
  }

  function open() {
    if (!details.open || pages) return;
    pages = new PagedList({
      readPage: (pageToken) => readHistory(session.id, { pageToken, signal }),
      rowsOf: ({ decisions }) => decisions,
    });
    load();
  }

  details.addEventListener("toggle", open);
  return {
    element: details,
    forget() {
      pages = null;
      list.replaceChildren();
      place.replaceChildren();
      more.hidden = true;
      open();
    },
  };
}

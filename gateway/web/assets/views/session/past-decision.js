// One past decision: who, when, from what to what, and what was suggested then by which limits.

import { NOT_MARKED, sourceLabel, statusBadge, statusWord } from "../../components/status-badge.js";
import { element } from "../../elements.js";
import { moment, number } from "../../format.js";
import { text } from "../../strings/index.js";

const PEOPLE = ["tutor", "student"];
const BUILT_IN = 0;
const SECONDS_PER_MINUTE = 60;

function suggested(evidence, person) {
  return element("li", {},
    text("session.evidence.person", {
      person: text(`common.${person}`),
      status: statusWord(evidence[`${person}_status_suggestion`]),
      confidence: text(`common.confidence.${evidence[`${person}_confidence`]}`),
    }),
    element("span", { class: "quiet" }, ` ${evidence[`${person}_metrics`]?.reason ?? ""}`));
}

function limitsOf({ limits, policy_version: version }) {
  const policy = version === BUILT_IN ? text("session.evidence.builtIn") : text("session.evidence.policy", { version });
  if (limits?.late_from_seconds === undefined) return policy;
  return text("session.evidence.limits", {
    policy,
    late: number(limits.late_from_seconds / SECONDS_PER_MINUTE),
    veryLate: number(limits.very_late_after_seconds / SECONDS_PER_MINUTE),
    absent: number(limits.absent_below_percent),
    high: number(limits.high_engagement_from_percent),
  });
}

function evidenceOf(decision) {
  const { evidence } = decision;
  const limits = element("p", { class: "quiet" }, limitsOf(decision));
  const suggestion = evidence?.has_whiteboard
    ? [element("p", {}, text("session.evidence.title")),
      element("ul", {}, suggested(evidence, "tutor"), suggested(evidence, "student"))]
    : element("p", {}, text("session.evidence.none"));
  return element("div", { class: "evidence" }, suggestion, limits);
}

/**
 * What was known of somebody before a decision. The row's own word means nothing while nobody has decided on that
 * person: that is so if no older decision did, and nobody had marked the session before the first of them.
 */
function before(person, decision, older, isComplete) {
  const earlier = older.find((each) => each[`${person}_status_after`]);
  if (earlier) return statusBadge(earlier[`${person}_status_after`]);
  const first = older.at(-1) ?? decision;
  const wasUnmarked = isComplete && first.source_before === NOT_MARKED;
  return statusBadge(decision[`${person}_status_before`], wasUnmarked ? NOT_MARKED : "");
}

function change(person, decision, older, isComplete) {
  const after = decision[`${person}_status_after`];
  if (!after) return [];
  return [element("dt", {}, text(`common.${person}`)),
    element("dd", {}, before(person, decision, older, isComplete),
      element("span", { class: "unseen" }, text("session.became")),
      element("span", { "aria-hidden": "true" }, " → "), statusBadge(after))];
}

function notes(decision) {
  if (decision.notes === undefined) return [];
  return [element("dt", {}, text("session.notes")),
    element("dd", { class: "notes" }, decision.notes || text("session.notesCleared"))];
}

/**
 * Return a decision (docs/api.md, AttendanceDecision) as a list's item. `older` are those before it, newest first;
 * `isComplete` tells whether that is all of them.
 */
export function decisionItem(decision, older, isComplete) {
  const role = text(`common.role.${decision.decided_by_role}`);
  return element("li", {},
    element("p", {}, element("strong", {}, decision.decided_by_name), text("session.inRole", { role }), " · ",
      element("time", { datetime: decision.decided_at }, moment(decision.decided_at)), " · ",
      sourceLabel(decision.source)),
    element("dl", {}, PEOPLE.map((person) => change(person, decision, older, isComplete)).flat(), notes(decision)),
    evidenceOf(decision));
}

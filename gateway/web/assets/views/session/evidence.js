// On what evidence a decision was taken: what was suggested then, and by which limits.

import { element } from "../../elements.js";
import { number } from "../../format.js";
import { hasText, text } from "../../strings/index.js";

const BUILT_IN = 0;
const SECONDS_PER_MINUTE = 60;

function word(status) {
  return hasText(`common.status.${status}`) ? text(`common.status.${status}`) : status;
}

function suggested(evidence, person) {
  return element("li", {},
    text("session.evidence.person", {
      person: text(`common.${person}`),
      status: word(evidence[`${person}_status_suggestion`]),
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

/** Return what was suggested when the decision (docs/api.md, AttendanceDecision) was taken. */
export function evidenceOf(decision) {
  const { evidence } = decision;
  const limits = element("p", { class: "quiet" }, limitsOf(decision));
  const suggestion = evidence?.has_whiteboard
    ? [element("p", {}, text("session.evidence.title")),
      element("ul", {}, suggested(evidence, "tutor"), suggested(evidence, "student"))]
    : element("p", {}, text("session.evidence.none"));
  return element("div", { class: "evidence" }, suggestion, limits);
}

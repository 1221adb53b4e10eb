// What is suggested about one person, and why.

import { statusBadge } from "../../components/status-badge.js";
import { element } from "../../elements.js";
import { number } from "../../format.js";
import { text } from "../../strings/index.js";

const CANNOT_KNOW = "cannot_know";
const SECONDS_PER_MINUTE = 60;

const percent = (value) => text("common.percent", { percent: number(value) });
const minutes = (value) => text("common.minutes", { minutes: number(value) });

function measured(metrics) {
  const { lateness_minutes: lateness, engagement_percentage: engagement, early_departure_minutes: early } = metrics;
  const duration = Math.floor(metrics.session_duration_seconds / SECONDS_PER_MINUTE);
  return [
    ["lateness", lateness === undefined ? text("session.neverCame") : minutes(lateness)],
    ["engagement", engagement === undefined ? text("common.notKnown") : percent(engagement)],
    ["activeTime", text("session.activeOf", { active: number(metrics.active_minutes), duration: number(duration) })],
    ["leftEarly", early !== undefined && minutes(early)],
    ["reconnects", metrics.reconnects > 0 && number(metrics.reconnects)],
  ].filter(([, value]) => value);
}

function measurements(metrics) {
  const rows = measured(metrics).map(([name, value]) =>
    [element("dt", {}, text(`session.${name}`)), element("dd", {}, value)]);
  return [element("dl", {}, rows.flat()), element("p", { class: "quiet" }, metrics.reason)];
}

/** Where nothing can be known the API answers `present`, so that nobody is called absent: that is no finding. */
function status(person) {
  if (!person.reasons.includes(CANNOT_KNOW)) return statusBadge(person.status);
  return element("span", { class: "badge unmarked" }, text("session.cannotKnow"));
}

/** Return the card of one of `peopleOf(...)`. */
export function personCard(person) {
  return element("li", { class: "person" },
    element("h4", {}, person.name || text("session.nameless"),
      element("span", { class: "quiet" }, text("session.inRole", { role: person.role }))),
    element("p", {}, status(person),
      element("span", { class: `confidence ${person.confidence}` }, text(`common.confidence.${person.confidence}`))),
    person.metrics ? measurements(person.metrics) : element("p", { class: "quiet" }, text("session.othersOfTheClass")));
}

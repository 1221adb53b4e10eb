// What was measured of a person in one line, and why a suggestion is not clear. Pure.

import { hasText, number, text, wholeMinutes } from "../../localization.js";
import { isUnknowable } from "./people.js";

const SECONDS_PER_MINUTE = 60;
const CLEAR = "high";
/** Reasons that the facts themselves say already. */
const SAID_BY_FACTS = new Set([
  "on_time",
  "late",
  "never_connected",
  "high_engagement",
  "students_differ",
  "running",
  "settling",
  "absence_announced",
]);
/** Reasons that say nothing new where the suggestion is clear. */
const SAID_WHERE_UNCLEAR = new Set(["medium_engagement", "low_engagement", "very_late"]);

function isLate({ lateness_minutes: minutes }, lateFromSeconds = SECONDS_PER_MINUTE) {
  return minutes >= 1 && minutes * SECONDS_PER_MINUTE >= lateFromSeconds;
}

function lateness({ lateness_minutes: minutes }, isOnTime) {
  if (isOnTime) return text("lesson.facts.onTime");
  return text("lesson.facts.late", { minutes: number(Math.floor(minutes)) });
}

function presence({ active_minutes: active, session_duration_seconds: observed }, isShort) {
  return text(isShort ? "lesson.facts.presentShort" : "lesson.facts.present", {
    active: wholeMinutes(active),
    duration: wholeMinutes(observed / SECONDS_PER_MINUTE),
  });
}

function departure({ early_departure_minutes: early = 0 }) {
  return Math.floor(early) >= 1 && text("lesson.facts.leftEarly", { minutes: number(Math.floor(early)) });
}

function returns({ reconnects }) {
  return reconnects > 0 && text("lesson.facts.back", { count: reconnects });
}

/**
 * Return the facts about a person (people.js) as short phrases: "7 min late", "49 of 60 min", "back once". `suggestion`
 * is the one that they come from; `isShort` leaves out that a person was on time, and the word for minutes. Empty: nothing was measured.
 */
export function factsOf({ facts }, suggestion, { isShort = false } = {}) {
  if (!facts?.metrics) return [];
  if (isUnknowable(facts)) return [text("lesson.facts.unknowable")];
  const { metrics } = facts;
  if (!metrics.connected) return [text(suggestion.provisional ? "lesson.facts.notYet" : "lesson.facts.never")];
  const isOnTime = !isLate(metrics, suggestion.late_from_seconds);
  return [
    !(isShort && isOnTime) && lateness(metrics, isOnTime),
    presence(metrics, isShort),
    departure(metrics),
    returns(metrics),
  ].filter(Boolean);
}

/** Return the same in one line. */
export function factsInWords(person, suggestion, options) {
  return factsOf(person, suggestion, options).join(text("lesson.facts.between"));
}

function isTelling(reason, certainty) {
  if (SAID_BY_FACTS.has(reason)) return false;
  if (certainty === CLEAR && SAID_WHERE_UNCLEAR.has(reason)) return false;
  return hasText(`lesson.why.${reason}`);
}

/** Return why a suggestion about a person is as it is, as far as the facts do not say it; empty: nothing, or not yet. */
export function whyOf({ facts }, { provisional: isProvisional }) {
  if (!facts || isProvisional) return "";
  const { certainty, reasons } = facts;
  const said = reasons.filter((reason) => isTelling(reason, certainty)).map((reason) => text(`lesson.why.${reason}`));
  if (certainty === CLEAR || isUnknowable(facts)) return said.join(text("common.clause"));
  return [text(`common.confidence.${certainty}`), said.join(text("common.clause"))]
    .filter(Boolean)
    .join(text("common.says"));
}

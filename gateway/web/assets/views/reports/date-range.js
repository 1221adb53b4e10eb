// The days that a report covers: in the address, as people often choose them, and what can be wrong with them. Pure.

import { day, text, timeZone } from "../../localization.js";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_LENGTH = "YYYY-MM-DD".length;
/** The months with which the terms of a school year begin, the later one first: September and February. */
const TERMS_BEGIN = [9, 2];
const ALL_DAYS = { from: "", to: "" };
const calendar = new Intl.DateTimeFormat("en", { year: "numeric", month: "2-digit", day: "2-digit", timeZone });

function isoDay(date) {
  return date.toISOString().slice(0, DAY_LENGTH);
}

/** Days and months that do not exist count on from those that do: day 0 is the last of the month before. */
function dayOf(year, month, dayOfMonth) {
  return isoDay(new Date(Date.UTC(year, month - 1, dayOfMonth)));
}

function termBegins(year, month) {
  const begins = TERMS_BEGIN.find((first) => first <= month);
  return begins ? dayOf(year, begins, 1) : dayOf(year - 1, TERMS_BEGIN[0], 1);
}

/** Return the ranges that people choose most, by name. Their days are those of the session time zone. */
export function frequentRanges(now = new Date()) {
  const parts = Object.fromEntries(calendar.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const today = dayOf(parts.year, parts.month, parts.day);
  return {
    thisMonth: { from: dayOf(parts.year, parts.month, 1), to: today },
    lastMonth: { from: dayOf(parts.year, parts.month - 1, 1), to: dayOf(parts.year, parts.month, 0) },
    thisTerm: { from: termBegins(parts.year, parts.month), to: today },
    all: ALL_DAYS,
  };
}

/**
 * Return the range of an address's query: `{ from, to }` as YYYY-MM-DD, both included; empty: no limit. An address that
 * names no days means this month.
 */
export function rangeOf(query, now = new Date()) {
  const range = { from: query.get("from") ?? "", to: query.get("to") ?? "" };
  if (range.from || range.to) return range;
  return query.get("days") === "all" ? ALL_DAYS : frequentRanges(now).thisMonth;
}

/** Return how an address names a range. */
export function inAddress({ from, to }) {
  return { from, to, days: from || to ? "" : "all" };
}

function isDay(date) {
  const start = new Date(`${date}T00:00:00Z`);
  return DAY.test(date) && !Number.isNaN(start.valueOf()) && isoDay(start) === date;
}

/** Return what is wrong with a range, `{ field, reason }`, or null. */
export function problemOf({ from, to }) {
  if (from && !isDay(from)) return { field: "from", reason: "notADay" };
  if (to && !isDay(to)) return { field: "to", reason: "notADay" };
  return from && to && from > to ? { field: "to", reason: "order" } : null;
}

/** Return the day some weeks before another, YYYY-MM-DD. */
export function weeksBefore(date, weeks) {
  const [year, month, dayOfMonth] = date.split("-").map(Number);
  return dayOf(year, month, dayOfMonth - 7 * weeks);
}

/** Write a range for people. */
export function rangeInWords({ from, to }) {
  if (from && to) return text("reports.period.both", { from: day(from), to: day(to) });
  if (from) return text("reports.period.from", { from: day(from) });
  return to ? text("reports.period.to", { to: day(to) }) : text("reports.period.all");
}

/** Write a range as a part of a file's name. */
export function rangeInFileName({ from, to }) {
  if (!from && !to) return "all-days";
  return [from && `from-${from}`, to && `to-${to}`].filter(Boolean).join("-");
}

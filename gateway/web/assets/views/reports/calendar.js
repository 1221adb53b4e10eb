// The days that a report covers: as the address names them, as people choose them, and whether they can be.

import { day } from "../../format.js";
import { text } from "../../strings/index.js";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_LENGTH = "YYYY-MM-DD".length;
/** Today and the 29 days before it. */
const DAYS_BEFORE = 29;
const timeZone = document.documentElement.dataset.timeZone;
const calendar = new Intl.DateTimeFormat("en", { year: "numeric", month: "2-digit", day: "2-digit", timeZone });

function written(date) {
  return date.toISOString().slice(0, DAY_LENGTH);
}

/** Months and days that do not exist run over into those that do: day 0 is the last of the month before. */
function dayOf(year, month, dayOfMonth) {
  return written(new Date(Date.UTC(year, month - 1, dayOfMonth)));
}

/** Return what people choose most, by name, as ranges of days of the session time zone. */
export function choices(now = new Date()) {
  const parts = Object.fromEntries(calendar.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const today = dayOf(parts.year, parts.month, parts.day);
  return {
    all: { from: "", to: "" },
    thisMonth: { from: dayOf(parts.year, parts.month, 1), to: today },
    lastMonth: { from: dayOf(parts.year, parts.month - 1, 1), to: dayOf(parts.year, parts.month, 0) },
    lastDays: { from: dayOf(parts.year, parts.month, parts.day - DAYS_BEFORE), to: today },
  };
}

/** Return the range of an address: `{ from, to }` as YYYY-MM-DD, both included; empty: no limit. */
export function rangeOf(query) {
  return { from: query.get("from") ?? "", to: query.get("to") ?? "" };
}

function isDay(date) {
  const moment = new Date(`${date}T00:00:00Z`);
  return DAY.test(date) && !Number.isNaN(moment.valueOf()) && written(moment) === date;
}

/** Return what is wrong with a range, as `{ field, reason }`, or null. */
export function faultOf({ from, to }) {
  if (from && !isDay(from)) return { field: "from", reason: "notADay" };
  if (to && !isDay(to)) return { field: "to", reason: "notADay" };
  return from && to && from > to ? { field: "to", reason: "order" } : null;
}

/** A range in words. */
export function period({ from, to }) {
  if (from && to) return text("reports.period.both", { from: day(from), to: day(to) });
  if (from) return text("reports.period.from", { from: day(from) });
  return to ? text("reports.period.to", { to: day(to) }) : text("reports.period.all");
}

/** A range as a part of a file's name. */
export function rangeInName({ from, to }) {
  if (!from && !to) return "all-days";
  return [from && `from-${from}`, to && `to-${to}`].filter(Boolean).join("-");
}

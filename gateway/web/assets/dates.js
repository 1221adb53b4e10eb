// Dates and times: in the session time zone, and in the calendar and by the clock that the person chose.

import { bareTime, clockRange, clockTime } from "./clock.js";
import { language, setting, text } from "./words.js";

/** Some browsers name locales such as "en-US@posix", too, which are no tags of languages. */
const REGION = /^[a-z]{2,3}(-[a-z\d]+)+$/i;
export const timeZone = document.documentElement.dataset.timeZone;
/** The browser's own region, which orders day and month, where it names one of the page's language. */
const region = navigator.languages?.find((tag) => REGION.test(tag) && tag.split("-")[0] === language);
const locales = [region ?? language, "en"];
export const GREGORIAN = "gregory";
export const calendar = setting("calendar");
const WEEKDAY = { weekday: "short" };
const DAY = { day: "numeric", month: "short" };
const YEAR = { year: "numeric" };
const HOURS_AND_MINUTES = "00:00".length;
const DAY_MS = 86_400_000;

/** Return a format of dates in the person's calendar. */
export function dateFormat(options) {
  return new Intl.DateTimeFormat(locales, { calendar, ...options });
}

/** Dates without a time are the same in every zone. */
export const ofDates = { timeZone: "UTC" };
const days = dateFormat({ ...WEEKDAY, ...DAY, ...YEAR, ...ofDates });
const shortDays = dateFormat({ ...DAY, ...ofDates });
const weekdays = dateFormat({ ...WEEKDAY, ...ofDates });
const longDays = dateFormat({ weekday: "long", day: "numeric", month: "long", ...ofDates });
const daysOfMonth = dateFormat({ day: "numeric", ...ofDates });
const ranges = dateFormat({ ...DAY, ...YEAR, ...ofDates });
const daysOfZone = dateFormat({ ...WEEKDAY, ...DAY, ...YEAR, timeZone });
/** In English, which the clock takes apart. */
const timesOfDay = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
const datesOfZone = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone });
const relativeTimes = new Intl.RelativeTimeFormat(locales, { numeric: "auto" });

/** Return the start of a date, YYYY-MM-DD. */
export function startOfDay(date) {
  return new Date(`${date}T00:00:00Z`);
}

/** Write a date without the name of its era, which some calendars add: who chose a calendar knows it. */
export function write(format, date) {
  return withoutEra(format.formatToParts(date));
}

function withoutEra(parts) {
  return parts
    .filter(({ type }) => type !== "era")
    .map(({ value }) => value.replace(", ", text("common.comma")))
    .join("")
    .trim();
}

/** Write a date without its weekday, in the same order as with it. */
function withoutWeekday(format, date) {
  const parts = format.formatToParts(date);
  const first = parts.findIndex(({ type }) => type === "weekday");
  return withoutEra(parts.toSpliced(first, 2));
}

function time(timestamp) {
  return timesOfDay.format(new Date(timestamp));
}

/** Write a date, YYYY-MM-DD. */
export function day(date) {
  return write(days, startOfDay(date));
}

/** Write a date, YYYY-MM-DD, without its weekday and year. */
export function shortDay(date) {
  return write(shortDays, startOfDay(date));
}

/** Write the weekday of a date, YYYY-MM-DD. */
export function weekday(date) {
  return weekdays.format(startOfDay(date));
}

/** Write a date, YYYY-MM-DD, with the whole words of its weekday and month, and without its year. */
export function longDay(date) {
  return write(longDays, startOfDay(date));
}

/** Write the number of the day in the month of a date, YYYY-MM-DD. */
export function dayOfMonth(date) {
  return write(daysOfMonth, startOfDay(date));
}

/** Write two dates, YYYY-MM-DD, as a range. */
export function dayRange(first, last) {
  return withoutEra(ranges.formatRangeToParts(startOfDay(first), startOfDay(last)));
}

/** Write a full hour of the day, 0 to 23. */
export function hourOfDay(hour) {
  return clockTime(`${String(hour).padStart(2, "0")}:00`);
}

/** Return the date, YYYY-MM-DD, of a timestamp in the session time zone. */
export function dateOf(timestamp) {
  return datesOfZone.format(new Date(timestamp));
}

/** Write a date, YYYY-MM-DD, and before it "today", "yesterday" or "tomorrow" where it is one of these. */
export function dayHeading(date, now = Date.now()) {
  const away = (startOfDay(date) - startOfDay(dateOf(now))) / DAY_MS;
  if (Math.abs(away) > 1) return day(date);
  return text("time.namedDay", { name: relativeTimes.format(away, "day"), day: day(date) });
}

/** Write a scheduled time, HH:MM:SS in the session time zone. */
export function scheduledTime(scheduled) {
  return clockTime(scheduled.slice(0, HOURS_AND_MINUTES));
}

/** Write from when to when something is scheduled, HH:MM:SS in the session time zone. */
export function scheduledRange(start, end) {
  return clockRange(start.slice(0, HOURS_AND_MINUTES), end.slice(0, HOURS_AND_MINUTES));
}

/** Write the time of day of a timestamp (RFC 3339, or milliseconds). */
export function timeOfDay(timestamp) {
  return clockTime(time(timestamp));
}

/** Write the time of day of a timestamp as an axis does. */
export function axisTime(timestamp) {
  return bareTime(time(timestamp));
}

/** Write from when to when, of two timestamps. */
export function timeRange(start, end) {
  return clockRange(time(start), time(end));
}

/** Write the date and time of a timestamp (RFC 3339, or milliseconds). */
export function dateTime(timestamp) {
  return text("time.dateTime", { date: withoutWeekday(daysOfZone, new Date(timestamp)), time: timeOfDay(timestamp) });
}

/** Write how long ago a timestamp is, or in how long: "8 minutes ago", "in 2 hours". */
export function relativeTime(timestamp, now = Date.now()) {
  const minutes = Math.round((new Date(timestamp) - now) / 60_000);
  if (minutes === 0) return text("time.now");
  if (Math.abs(minutes) < 60) return relativeTimes.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 24
    ? relativeTimes.format(hours, "hour")
    : relativeTimes.format(Math.round(hours / 24), "day");
}

/** Write a date of the Gregorian calendar, which inputs of dates take, in the person's calendar if that is another. */
export function inOwnCalendar(date) {
  return calendar === GREGORIAN || !date ? "" : text("time.inOwnCalendar", { date: day(date) });
}

/** Write a time of day, HH:MM as inputs take it, by the person's clock if that is another. */
export function inOwnClock(given) {
  return setting("clock") === "day" || !given ? "" : clockTime(given.slice(0, HOURS_AND_MINUTES));
}

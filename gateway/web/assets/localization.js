// The page's language: its strings, and the formats of dates, times and numbers, in the session time zone. Another
// language is another file in strings/, listed here and chosen by the page's `lang`.

import en from "./strings/en.js";

const LANGUAGES = { en };
const { lang: language, dataset } = document.documentElement;
export const timeZone = dataset.timeZone;
const strings = LANGUAGES[language] ?? en;
const plural = new Intl.PluralRules(language);

function stringOf(key) {
  return key.split(".").reduce((part, name) => part?.[name], strings);
}

/** Return whether there is a string for a key: the API may send values that are newer than this page. */
export function hasText(key) {
  return stringOf(key) !== undefined;
}

/**
 * Return the string of a key such as "lessons.title", with `{name}` replaced by that of `values`. A string of several
 * forms (`{ one, other }`) is chosen by `values.count`.
 */
export function text(key, values = {}) {
  const string = stringOf(key);
  if (string === undefined) throw new Error(`There is no string ${key}.`);
  const form = typeof string === "string" ? string : (string[plural.select(values.count)] ?? string.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Put the strings of this language where the page's HTML names them. */
export function translate(root) {
  for (const place of root.querySelectorAll("[data-text]")) place.textContent = text(place.dataset.text);
  for (const place of root.querySelectorAll("[data-label]"))
    place.setAttribute("aria-label", text(place.dataset.label));
}

function dateFormat(options) {
  return new Intl.DateTimeFormat(language, options);
}

/** Dates without a time are the same in every zone. */
const days = dateFormat({ weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const shortDays = dateFormat({ day: "numeric", month: "short", timeZone: "UTC" });
const months = dateFormat({ month: "long", year: "numeric", timeZone: "UTC" });
const shortMonths = dateFormat({ month: "short", timeZone: "UTC" });
const years = dateFormat({ year: "numeric", timeZone: "UTC" });
const datesAndTimes = dateFormat({ dateStyle: "medium", timeStyle: "short", hourCycle: "h23", timeZone });
const timesOfDay = dateFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
const decimals = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const lists = new Intl.ListFormat(language, { type: "conjunction" });
const HOURS_AND_MINUTES = "00:00".length;

function startOfDay(date) {
  return new Date(`${date}T00:00:00Z`);
}

/** Write a date, YYYY-MM-DD. */
export function day(date) {
  return days.format(startOfDay(date));
}

/** Write a date, YYYY-MM-DD, without its weekday and year. */
export function shortDay(date) {
  return shortDays.format(startOfDay(date));
}

/** Write a month, YYYY-MM. */
export function month(yearAndMonth) {
  return months.format(startOfDay(`${yearAndMonth}-01`));
}

/** Write a month, YYYY-MM, in two lines. */
export function monthLines(yearAndMonth) {
  const start = startOfDay(`${yearAndMonth}-01`);
  return [shortMonths.format(start), years.format(start)];
}

/** Write a scheduled time, HH:MM:SS in the session time zone. */
export function scheduledTime(time) {
  return time.slice(0, HOURS_AND_MINUTES);
}

/** Write the date and time of a timestamp (RFC 3339, or milliseconds). */
export function dateTime(timestamp) {
  return datesAndTimes.format(new Date(timestamp));
}

/** Write the time of day of a timestamp (RFC 3339, or milliseconds). */
export function timeOfDay(timestamp) {
  return timesOfDay.format(new Date(timestamp));
}

/** Write several words as a list: "tutors and admins". */
export function list(words) {
  return lists.format(words);
}

/** Write a number, with at most two decimals. */
export function number(value) {
  return decimals.format(value);
}

/** Write a share in percent. */
export function percent(share) {
  return text("common.percent", { percent: number(share) });
}

/** Write the status of a lesson; old rows may hold other values. */
export function lessonStatus(status) {
  const key = `common.lesson.${status?.replace("_", "-")}`;
  return hasText(key) ? text(key) : status;
}

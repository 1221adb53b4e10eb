// Numbers, shares, minutes and lists, as the page's language writes them.

import { language, text } from "./words.js";

const locales = [language, "en"];
const decimals = new Intl.NumberFormat(locales, { maximumFractionDigits: 2 });
const wholes = new Intl.NumberFormat(locales, { maximumFractionDigits: 0 });
const lists = new Intl.ListFormat(locales, { type: "conjunction" });
const MINUTES_OF_AN_HOUR = 60;

/** Write a number, with at most two decimals. */
export function number(value) {
  return decimals.format(value);
}

/** Write a share in percent. */
export function percent(share) {
  return text("common.percent", { percent: number(share) });
}

/** Write minutes as a whole number, without the word; tables and charts say the word once. */
export function wholeMinutes(value) {
  return wholes.format(Math.round(value));
}

/** Write minutes as people read them everywhere: "48 min". */
export function minutes(value) {
  return text("common.minutes", { minutes: wholeMinutes(value) });
}

/** Write minutes of which there may be many: "48 min", "2 h", "12 h 5 min". */
export function duration(value) {
  const whole = Math.round(value);
  const [hours, rest] = [Math.floor(whole / MINUTES_OF_AN_HOUR), whole % MINUTES_OF_AN_HOUR];
  if (!hours) return minutes(rest);
  const values = { hours: wholes.format(hours), minutes: wholes.format(rest) };
  return rest ? text("time.hoursAndMinutes", values) : text("time.hours", values);
}

/** Write a list: "Abebe, Sara and Hana". */
export function list(items) {
  return lists.format(items);
}

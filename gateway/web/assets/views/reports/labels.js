// Percentages, days and months as reports write them; in short below the columns of a chart.

import { number } from "../../format.js";
import { text } from "../../strings/index.js";

const language = document.documentElement.lang;
const days = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
const months = new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" });
const shortMonths = new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" });
const years = new Intl.DateTimeFormat(language, { year: "numeric", timeZone: "UTC" });

function begin(monthOfYear) {
  return new Date(`${monthOfYear}-01T00:00:00Z`);
}

/** A share in percent. */
export function percent(share) {
  return text("common.percent", { percent: number(share) });
}

/** A month, given as YYYY-MM. */
export function month(monthOfYear) {
  return months.format(begin(monthOfYear));
}

/** A month in two lines. */
export function monthLines(monthOfYear) {
  return [shortMonths.format(begin(monthOfYear)), years.format(begin(monthOfYear))];
}

/** A day, given as YYYY-MM-DD, without its year. */
export function shortDay(date) {
  return days.format(new Date(`${date}T00:00:00Z`));
}

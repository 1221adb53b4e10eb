// Months, in the calendar that the person chose. Charts use them, and no first view does.

import { calendar, dateFormat, dayRange, GREGORIAN, ofDates, startOfDay, write } from "./dates.js";
import { plusDays } from "./days.js";
import { text } from "./words.js";

const months = dateFormat({ month: "long", year: "numeric", ...ofDates });
const shortMonths = dateFormat({ month: "short", ...ofDates });
const years = dateFormat({ year: "numeric", ...ofDates });
/** In English, which is calculated with. */
const numbersOfDays = new Intl.DateTimeFormat("en", { calendar, day: "numeric", ...ofDates });
/** Return the first day, YYYY-MM-DD, of the month of the person's calendar in which a date lies. */
export function monthStart(date) {
  return plusDays(date, 1 - Number(numbersOfDays.format(startOfDay(date))));
}

/** Write the month of the person's calendar in which a date, YYYY-MM-DD, lies. */
export function month(date) {
  return write(months, startOfDay(date));
}

/** Write the month of the person's calendar in which a date, YYYY-MM-DD, lies, in two lines. */
export function monthLines(date) {
  return [write(shortMonths, startOfDay(date)), write(years, startOfDay(date))];
}

/** Return the first and last day of a month, YYYY-MM, of the Gregorian calendar, as the API counts by months. */
function daysOf(yearAndMonth) {
  const [year, number] = yearAndMonth.split("-").map(Number);
  const last = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, "YYYY-MM-DD".length);
  return [`${yearAndMonth}-01`, last];
}

/** Write a month, YYYY-MM, of the Gregorian calendar; in another calendar, its days. */
export function gregorianMonth(yearAndMonth) {
  return calendar === GREGORIAN ? month(`${yearAndMonth}-01`) : dayRange(...daysOf(yearAndMonth));
}

/** Write the same in little space. */
export function shortGregorianMonth(yearAndMonth) {
  const [first, last] = daysOf(yearAndMonth);
  if (calendar === GREGORIAN) return monthLines(first).join(" ");
  const [start, end] = [first, last].map((date) => monthLines(date)[0]);
  return `${text("time.range", { start, end })} ${monthLines(last)[1]}`;
}

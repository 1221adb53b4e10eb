// Dates, times and numbers as people read them: in the page's language and the session time zone.

const language = document.documentElement.lang;
const timeZone = document.documentElement.dataset.timeZone;
const days = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23", timeZone });
const clocks = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
const decimals = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const HOURS_AND_MINUTES = "00:00".length;

/** A day, given as YYYY-MM-DD in the session time zone. */
export function day(date) {
  return days.format(new Date(`${date}T00:00:00Z`));
}

/** A scheduled time, given as HH:MM:SS in the session time zone. */
export function scheduledTime(time) {
  return time.slice(0, HOURS_AND_MINUTES);
}

/** A moment (RFC 3339) with its day. */
export function moment(timestamp) {
  return moments.format(new Date(timestamp));
}

/** The time of day of a moment (RFC 3339). */
export function clock(timestamp) {
  return clocks.format(new Date(timestamp));
}

/** A number, with at most two decimals. */
export function number(value) {
  return decimals.format(value);
}

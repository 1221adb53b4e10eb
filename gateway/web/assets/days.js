// The days of a week, as dates (YYYY-MM-DD). Pure: a date is the same in every time zone.

const DAY_MS = 86_400_000;
export const DAYS = 7;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const MONDAY = 1;

function timeOf(date) {
  return Date.parse(`${date}T00:00:00Z`);
}

/** Return the date some days later; earlier if `days` is negative. */
export function plusDays(date, days) {
  return new Date(timeOf(date) + days * DAY_MS).toISOString().slice(0, "YYYY-MM-DD".length);
}

/** Return the day on which weeks begin, 1 (Monday) to 7: Monday, unless the language names a region with another. */
export function firstDayOfWeek(language) {
  const locale = new Intl.Locale(language);
  if (!locale.region) return MONDAY;
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? MONDAY;
}

/** Return the seven dates of the week in which a date lies. */
export function weekOf(date, firstDay = MONDAY) {
  const weekday = new Date(timeOf(date)).getUTCDay();
  const first = plusDays(date, -((weekday - firstDay + DAYS) % DAYS));
  return Array.from({ length: DAYS }, (_, index) => plusDays(first, index));
}

/** Return the date and the minute of the day of a time (in milliseconds) in a time zone. */
export function clockIn(timeZone, now = Date.now()) {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const part = Object.fromEntries(format.formatToParts(new Date(now)).map(({ type, value }) => [type, value]));
  return {
    date: `${part.year}-${part.month}-${part.day}`,
    minute: Number(part.hour) * 60 + Number(part.minute),
  };
}

/** Return the date that an address asks for, or `today` if it asks for none that exists. */
export function askedDay(value, today) {
  if (!value || !ISO_DATE.test(value) || Number.isNaN(timeOf(value))) return today;
  // 31 February would become a day of March.
  return plusDays(value, 0) === value ? value : today;
}

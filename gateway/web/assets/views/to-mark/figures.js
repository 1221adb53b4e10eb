// The figures of the overview, out of what the reports answer. Pure.

const WEEKS = 8;
const DAY_MS = 86_400_000;
const DATE = "YYYY-MM-DD".length;
const SUNDAY = 6;

function shifted(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, DATE);
}

/** Return the days, YYYY-MM-DD, from which the month of `today` and the latest weeks are counted. */
export function firstDays(today) {
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + SUNDAY) % (SUNDAY + 1);
  return {
    month: `${today.slice(0, "YYYY-MM".length)}-01`,
    weeks: shifted(today, -sinceMonday - (WEEKS - 1) * (SUNDAY + 1)),
  };
}

function sum(rows, name) {
  return rows.reduce((total, row) => total + (row[name] ?? 0), 0);
}

/** Return what became of lessons: how many were held out of all, and why the others were not; it adds up. */
export function lessonFigures(rows) {
  const held = sum(rows, "held");
  const noShows = sum(rows, "student_no_shows") + sum(rows, "tutor_no_shows") + sum(rows, "nobody_came");
  const cancelled = sum(rows, "cancelled");
  const notKnown = sum(rows, "cannot_know");
  return { held, all: held + noShows + cancelled + notKnown, noShows, cancelled, notKnown };
}

/**
 * Return the students' share of attended lessons of what is marked, 0 to 1 (null: none is marked), and minutes, out of
 * weeks of a trend. Excused absences are absences, as in the reports (docs/reports.md, in the pages).
 */
export function trendFigures(weeks) {
  const marked = sum(weeks, "marked");
  return {
    share: marked > 0 ? sum(weeks, "attended") / marked : null,
    together: sum(weeks, "overlap_minutes"),
    scheduled: sum(weeks, "scheduled_minutes"),
  };
}

/** Return the rates of weeks, oldest first, as points `{ x, y }` of a line that is 1 wide and 1 high. */
export function sparkline(weeks) {
  const rated = weeks.filter(({ attended_rate: rate }) => rate !== undefined).toReversed();
  if (rated.length < 2) return [];
  const rates = rated.map(({ attended_rate: rate }) => rate);
  // A line from 50 to 100 % shows what changes; lower rates need the whole height.
  const lowest = Math.min(50, ...rates);
  return rates.map((rate, index) => ({ x: index / (rates.length - 1), y: 1 - (rate - lowest) / (100 - lowest) }));
}

// Where lessons lie in a calendar: in which day, from which minute to which, and beside which others. Pure.

import { plusDays } from "../../days.js";

const DAY = 24 * 60;
const HOUR = 60;
/** A block shorter than this could not be read, nor hit with a finger. */
const MIN_MINUTES = 30;
/** The height of a night between two lessons. */
const GAP_HEIGHT = 0.5;
/** What a week without lessons shows, and what others show at least. */
const USUAL_HOURS = { first: 8, last: 18 };

function minuteOf(time) {
  const [hours, minutes] = time.split(":").map(Number);
  return hours * HOUR + minutes;
}

/**
 * Return the parts of a lesson, `{ session, date, start, end, isContinued }` in minutes of the day: two if it goes on after
 * midnight. One without a day or a start has none; one without an end lasts an hour.
 */
export function partsOf(session) {
  const { session_date: date, start_time: from, end_time: to } = session;
  if (!date || !from) return [];
  const start = minuteOf(from);
  let end = to ? minuteOf(to) : start + HOUR;
  if (end <= start) end += DAY;
  const first = { session, date, start, end: Math.min(end, DAY), isContinued: false };
  if (end <= DAY) return [first];
  return [first, { session, date: plusDays(date, 1), start: 0, end: end - DAY, isContinued: true }];
}

function drawnEnd({ start, end }) {
  return Math.max(end, start + MIN_MINUTES);
}

/** Put parts of one day that overlap beside each other: each gets `column`, and how many `columns` there are. */
export function besideEachOther(parts) {
  const sorted = parts.toSorted(
    (one, other) => one.start - other.start || other.end - one.end || one.session.id - other.session.id,
  );
  const placed = [];
  let group = [];
  let groupEnd = 0;
  const closeGroup = () => {
    const columns = Math.max(0, ...group.map(({ column }) => column)) + 1;
    placed.push(...group.map((part) => ({ ...part, columns })));
    group = [];
  };
  for (const part of sorted) {
    if (group.length && part.start >= groupEnd) closeGroup();
    const taken = new Set(group.filter((other) => drawnEnd(other) > part.start).map(({ column }) => column));
    let column = 0;
    while (taken.has(column)) column += 1;
    group.push({ ...part, column });
    groupEnd = Math.max(group.length > 1 ? groupEnd : 0, drawnEnd(part));
  }
  if (group.length) closeGroup();
  return placed;
}

/** Return for each of these dates the placed parts of the lessons on it, earliest first. */
export function placedByDay(sessions, dates) {
  const parts = sessions.flatMap(partsOf);
  return dates.map((date) => besideEachOther(parts.filter((part) => part.date === date)));
}

function hasLesson(days, hour) {
  return days.flat().some((part) => part.start < (hour + 1) * HOUR && drawnEnd(part) > hour * HOUR);
}

/**
 * Return the rows of a calendar of these days, from above: `{ hour, hours, top, height }` each, in units of an hour's
 * height. The usual hours and those with lessons have a row of their own; what lies between them, such as a night, is one
 * low row. Before the first of them and after the last there is nothing.
 */
export function rowsOf(days) {
  const shown = Array.from({ length: DAY / HOUR }, (_, hour) => hour).filter(
    (hour) => (hour >= USUAL_HOURS.first && hour < USUAL_HOURS.last) || hasLesson(days, hour),
  );
  const rows = [];
  let top = 0;
  const add = (hour, hours, height) => {
    rows.push({ hour, hours, top, height });
    top += height;
  };
  for (const [index, hour] of shown.entries()) {
    const next = index ? shown[index - 1] + 1 : hour;
    const gap = hour - next;
    if (gap > 1) add(next, gap, GAP_HEIGHT);
    else if (gap === 1) add(next, 1, 1);
    add(hour, 1, 1);
  }
  return rows;
}

/** Return how high rows are together, in units of an hour's height. */
export function heightOf(rows) {
  const { top, height } = rows.at(-1);
  return top + height;
}

/** Return where a minute of the day lies in these rows, from above; null if it lies in none. */
export function topOf(rows, minute) {
  const row = rows.find(({ hour, hours }) => minute >= hour * HOUR && minute <= (hour + hours) * HOUR);
  return row ? row.top + ((minute / HOUR - row.hour) / row.hours) * row.height : null;
}

/** Return where the arrow keys lead from a part: `{ day, index }` of the next one in this direction, or null. */
export function neighbour(days, { day, index }, key) {
  const here = days[day][index];
  if (key === "ArrowDown") return index + 1 < days[day].length ? { day, index: index + 1 } : null;
  if (key === "ArrowUp") return index > 0 ? { day, index: index - 1 } : null;
  if (key === "Home" || key === "End") {
    const filled = days.flatMap((parts, number) => (parts.length ? [number] : []));
    const target = key === "Home" ? filled[0] : filled.at(-1);
    return { day: target, index: key === "Home" ? 0 : days[target].length - 1 };
  }
  const step = key === "ArrowRight" ? 1 : -1;
  for (let other = day + step; other >= 0 && other < days.length; other += step) {
    if (!days[other].length) continue;
    const distances = days[other].map(({ start }) => Math.abs(start - here.start));
    return { day: other, index: distances.indexOf(Math.min(...distances)) };
  }
  return null;
}

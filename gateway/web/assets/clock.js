// Times of day: by the 24-hour clock, or by the Ethiopian one, which counts twelve hours from 6:00 and twelve from 18:00.

import { setting, text } from "./words.js";

const HOURS = 12;
/** The Ethiopian clock is this many hours behind: at 7:00 it is one o'clock. */
const BEHIND = 6;
/** The parts of the day, by the hour at which each ends. */
const PARTS = [
  [6, "night"],
  [12, "morning"],
  [18, "afternoon"],
  [24, "evening"],
];

function twoDigits(value) {
  return String(value).padStart(2, "0");
}

/** Return a time of day, "13:05", by the Ethiopian clock: `{ time: "7:05", part: "afternoon" }`. */
export function ethiopianTime(time) {
  const [hour, minute] = time.split(":").map(Number);
  const [, part] = PARTS.find(([end]) => hour < end);
  return { time: `${(hour + BEHIND) % HOURS || HOURS}:${twoDigits(minute)}`, part };
}

function write({ time, part }) {
  return text(`time.clock.${part}`, { time });
}

/** Write a time of day, "13:05", by the clock that the person chose. */
export function clockTime(time) {
  return setting("clock") === "day" ? time : write(ethiopianTime(time));
}

/** Write a time of day, "13:05", without the part of the day, for axes, whose labels stand close together. */
export function bareTime(time) {
  return setting("clock") === "day" ? time : ethiopianTime(time).time;
}

/** Write two times of day as a range; the part of the day is named once where both have the same word for it. */
export function clockRange(start, end) {
  const [first, last] = [start, end].map(ethiopianTime);
  const sameWord = write({ ...first, time: "" }) === write({ ...last, time: "" });
  if (setting("clock") === "day" || !sameWord)
    return text("time.range", { start: clockTime(start), end: clockTime(end) });
  return write({ ...first, time: text("time.range", { start: first.time, end: last.time }) });
}

// The session time zone, in which times are written, and the reader's own.

import { clockTime } from "./clock.js";
import { timeZone } from "./dates.js";
import { duration } from "./numbers.js";
import { hasText, text } from "./words.js";

const MINUTE_MS = 60_000;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function format(zone) {
  const date = { year: "numeric", month: "numeric", day: "numeric" };
  return new Intl.DateTimeFormat("en", {
    ...date,
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
    timeZone: zone,
  });
}

/** Return how many minutes the clocks of a zone are ahead of UTC. */
function offset(zone, timestamp) {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(new Date(timestamp))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute);
  return Math.round((local - new Date(timestamp)) / MINUTE_MS);
}

/** Return how many minutes the session time zone is ahead of the reader's. */
function ahead(timestamp, reader) {
  return offset(timeZone, timestamp) - offset(reader, timestamp);
}

/** Return the timestamp, in milliseconds, of a date YYYY-MM-DD and time HH:MM:SS in the session time zone. */
export function timestampOf(date, time) {
  const asUtc = Date.parse(`${date}T${time}Z`);
  // Once more, in case the clocks change between the two.
  const near = asUtc - offset(timeZone, asUtc) * MINUTE_MS;
  return asUtc - offset(timeZone, near) * MINUTE_MS;
}

/** Name the session time zone by its city. */
export function zoneName() {
  const city = timeZone.split("/").at(-1);
  return hasText(`time.cities.${city}`) ? text(`time.cities.${city}`) : city.replaceAll("_", " ");
}

/** Say in which zone the times of a view are, and how far that is from the reader's own, if it is another. */
export function zoneSentence(now = Date.now(), reader = ownZone) {
  const difference = ahead(now, reader);
  const values = { zone: zoneName(), difference: duration(Math.abs(difference)) };
  if (difference === 0) return text("time.zone", values);
  return difference > 0 ? text("time.zoneAhead", values) : text("time.zoneBehind", values);
}

/** Write the time of day of a timestamp in the reader's own zone, if that is another; else nothing. */
export function ownTime(timestamp, reader = ownZone) {
  if (ahead(timestamp, reader) === 0) return "";
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: reader };
  const time = new Intl.DateTimeFormat("en", options).format(new Date(timestamp));
  return text("time.yours", { time: clockTime(time) });
}

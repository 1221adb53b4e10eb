// The page's language: its strings, and how it writes dates, times and numbers.

import { hasText, text } from "./words.js";

export * from "./dates.js";
export * from "./numbers.js";
export * from "./time-zones.js";
export { hasText, language, loadViewWords, text, translate } from "./words.js";

/** Write the status of a lesson; old rows may hold other values. */
export function lessonStatus(status) {
  const key = `common.lesson.${status?.replace("_", "-")}`;
  return hasText(key) ? text(key) : status;
}

// What a person searches for, as the API takes it. Pure but for the page's language.

import { text } from "../../localization.js";

/** By this the API finds lessons of several students (docs/api.md). */
const GROUP = "group";

/** Return the search with the page's own word for a class of several students in the API's. */
export function searchOf(typed) {
  const own = text("lessons.groupWord").toLocaleLowerCase();
  const words = typed.split(/\s+/u).map((word) => (word.toLocaleLowerCase() === own ? GROUP : word));
  return words.join(" ").trim();
}

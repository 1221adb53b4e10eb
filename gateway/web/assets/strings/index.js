// Every word that the pages say. Another language is another file beside english.js, chosen here by the page's language.

import english from "./english.js";

const LANGUAGES = { en: english };
const language = document.documentElement.lang;
const strings = LANGUAGES[language] ?? english;
const plural = new Intl.PluralRules(language);

function found(key) {
  const string = key.split(".").reduce((part, name) => part?.[name], strings);
  if (string === undefined) throw new Error(`There is no string ${key}.`);
  return string;
}

/**
 * Return the string of a key such as "sessions.title", with `{name}` replaced by what `values` holds for it. A string of
 * several forms (`{ one, other }`) is chosen by `values.count`.
 */
export function text(key, values = {}) {
  const string = found(key);
  const form = typeof string === "string" ? string : string[plural.select(values.count)] ?? string.other;
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Tell whether there is such a string: words that come from the API may be new. */
export function hasText(key) {
  return key.split(".").reduce((part, name) => part?.[name], strings) !== undefined;
}

/** Put the strings of this language where the page's HTML names them. */
export function translate(root) {
  for (const place of root.querySelectorAll("[data-text]")) place.textContent = text(place.dataset.text);
  for (const place of root.querySelectorAll("[data-label]")) place.setAttribute("aria-label", text(place.dataset.label));
}

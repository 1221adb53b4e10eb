// What a person reads by: the strings of the page's language, which its `lang` names, and the calendar and clock that the
// person chose for this browser. Another language is another file in strings/.

export const language = document.documentElement.lang;
const { default: strings } = await import(`./strings/${language}.js`);
const plural = new Intl.PluralRules([language, "en"]);

const CHOICES = { calendar: ["gregory", "ethiopic"], clock: ["day", "ethiopian"] };

/** Load the words of the views that are not shown first (strings/views/); from then on they can be used. */
export async function loadViewWords() {
  const { default: more } = await import(`./strings/views/${language}.js`);
  Object.assign(strings, more);
}

/** Return the chosen calendar or clock; the first is the usual one. */
export function setting(name) {
  const stored = localStorage.getItem(name);
  return CHOICES[name].includes(stored) ? stored : CHOICES[name][0];
}

/** Return what there is to choose from. */
export function choicesOf(name) {
  return CHOICES[name];
}

function stringOf(key) {
  return key.split(".").reduce((part, name) => part?.[name], strings);
}

/** Return whether there is a string for a key: the API may send values that are newer than this page. */
export function hasText(key) {
  return stringOf(key) !== undefined;
}

/**
 * Return the string of a key such as "lessons.title", with `{name}` replaced by that of `values`. A string of several
 * forms (`{ one, other }`) is chosen by `values.count`.
 */
export function text(key, values = {}) {
  const string = stringOf(key);
  if (string === undefined) throw new Error(`There is no string ${key}.`);
  const form = typeof string === "string" ? string : (string[plural.select(values.count)] ?? string.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Put the strings of this language where the page's HTML names them, and say no more that it has not loaded. */
export function translate(root) {
  root.querySelector(".not-loaded")?.remove();
  for (const place of root.querySelectorAll("[data-text]")) place.textContent = text(place.dataset.text);
  for (const place of root.querySelectorAll("[data-label]"))
    place.setAttribute("aria-label", text(place.dataset.label));
}

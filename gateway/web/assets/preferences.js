// The choice of language, calendar and clock, for this browser. The page is loaded again, at the same address.

import { button, element } from "./components.js";
import { choicesOf, language, setting, text } from "./words.js";

function choose(name, value) {
  localStorage.setItem(name, value);
  location.reload();
}

function choice(name, label, chosen, options) {
  const select = element(
    "select",
    { name, id: `choice-of-${name}`, autocomplete: "off", onchange: () => choose(name, select.value) },
    ...options,
  );
  select.value = chosen;
  return element("div", {}, element("label", { for: select.id }, label), " ", select);
}

/** Each is named in its own language and at once visible, so that who speaks no other finds it. */
function languages() {
  const known = JSON.parse(document.documentElement.dataset.languages);
  return known.map(({ code, name }) =>
    button(name, () => choose("language", code), { lang: code, "aria-pressed": String(code === language) }),
  );
}

function options(name, names) {
  return choicesOf(name).map((value) => element("option", { value }, text(`preferences.${names}.${value}`)));
}

/** Make the three choices. */
export function preferences() {
  return element(
    "div",
    { class: "preferences" },
    element("div", { role: "group", class: "languages", "aria-label": text("preferences.language") }, languages()),
    choice("calendar", text("preferences.calendar"), setting("calendar"), options("calendar", "calendars")),
    choice("clock", text("preferences.clock"), setting("clock"), options("clock", "clocks")),
  );
}

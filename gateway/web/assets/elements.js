// Elements, icons and faces. Text goes in as text, never as markup, so that nothing the API answers can become part of
// the page.

const SVG = "http://www.w3.org/2000/svg";
/** Beside this file, so that the address has the version of all assets. */
const SPRITE = new URL("icons.svg", import.meta.url).pathname;
/** As many as `.face` has tints in styles/application.css. */
const TINTS = 6;

function isGiven(value) {
  return value !== null && value !== undefined && value !== false;
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (!isGiven(value)) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice("on".length), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Number.POSITIVE_INFINITY).filter(isGiven));
  return made;
}

/**
 * Make an HTML element: `element("a", { href: "#/", "aria-current": "page", onclick: go }, "Home")`. Attributes and
 * children that are null, undefined or false are left out; lists of children are taken apart.
 */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element, in the same way. */
export function drawing(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Make an icon: a symbol of icons.svg, for the eyes only. Where it stands alone, its control needs a label. */
export function icon(name) {
  return drawing("svg", { class: "icon", "aria-hidden": "true" }, drawing("use", { href: `${SPRITE}#${name}` }));
}

/**
 * Make a button that submits nothing. Until what `onclick` started has ended (it may return a promise), the button shows
 * that it is busy, and further clicks do nothing.
 */
export function button(label, onclick, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", async (event) => {
    if (made.hasAttribute("aria-busy")) return;
    const running = onclick(event);
    if (!(running instanceof Promise)) return;
    made.setAttribute("aria-busy", "true");
    try {
      await running;
    } finally {
      made.removeAttribute("aria-busy");
    }
  });
  return made;
}

/** Make a button that is an icon alone; `label` is its name for screen readers, and its tooltip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return button(icon(name), onclick, { class: "icon-button", "aria-label": label, title: label, ...attributes });
}

/** Isolate a name or note, which may be written from right to left, from the text around it. */
export function isolated(content) {
  return element("bdi", {}, content);
}

/** Return the first letters of the first and the last word of a name. */
export function initials(name) {
  const letters = name
    .split(/\s+/u)
    .map((word) => word.match(/\p{L}/u)?.[0])
    .filter(Boolean);
  return [letters[0], letters.length > 1 && letters.at(-1)].filter(Boolean).join("").toLocaleUpperCase();
}

/** Make the face of a person: their initials, beside their name. The tint is the same wherever the name is. */
export function face(name) {
  const sum = Array.from(name, (letter) => letter.codePointAt(0)).reduce((total, code) => total + code, 0);
  return element("span", { class: `face tint-${sum % TINTS}`, "aria-hidden": "true" }, initials(name));
}

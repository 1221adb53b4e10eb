// Bars and columns, made of elements, so that they follow the direction of the page's script and print as they are. Each
// kind has a pattern of its own, so that colour alone never distinguishes two of them; the numbers are written beside
// them, or said by each column.

import { element } from "./components.js";

const WHOLE_PERCENT = 100;
const KEYS = { ArrowRight: 1, ArrowLeft: -1 };

/** Style attributes are forbidden by the content security policy; properties that scripts set are not. */
function withProperties(made, properties) {
  for (const [name, value] of Object.entries(properties)) made.style.setProperty(name, value);
  return made;
}

/** Make a bar that is divided into `parts`, `{ kind, count }`, from the start. */
export function dividedBar(parts) {
  const shown = parts.filter(({ count }) => count);
  return element(
    "div",
    { class: "bar", "aria-hidden": "true" },
    shown.map(({ kind, count }) => withProperties(element("span", { class: `fill ${kind}` }), { "flex-grow": count })),
  );
}

/** Make a bar of a share in percent, from 0 to 100, with a line at the goal; empty if the share is null. */
export function shareBar(share, { goal = null } = {}) {
  const filled = withProperties(element("span", { class: "fill share" }), {
    "inline-size": `${Math.min(share ?? 0, WHOLE_PERCENT)}%`,
  });
  const line =
    goal !== null && withProperties(element("span", { class: "goal" }), { "inset-inline-start": `${goal}%` });
  return element("div", { class: "bar track", "aria-hidden": "true" }, share !== null && filled, line);
}

/** Make a sample of how a kind is filled, for a legend. */
export function swatch(kind) {
  return element("span", { class: `swatch fill ${kind}`, "aria-hidden": "true" });
}

/** Make a legend out of `{ kind, label }`. */
export function legend(entries) {
  return element(
    "ul",
    { class: "legend" },
    entries.map(({ kind, label }) => element("li", {}, swatch(kind), label)),
  );
}

function stack({ parts }, top, goal) {
  const made = element(
    "span",
    { class: goal === null ? "stack" : "stack with-goal", "aria-hidden": "true" },
    // A part without height would still have its border.
    parts
      .filter(({ value }) => value > 0)
      .map(({ kind, value }) =>
        withProperties(element("span", { class: `fill ${kind}` }), {
          "block-size": `${(value / top) * WHOLE_PERCENT}%`,
        }),
      ),
  );
  return withProperties(made, goal === null ? {} : { "--goal": `${(goal / top) * WHOLE_PERCENT}%` });
}

function columnButton(column, { top, goal, isReached }) {
  return element(
    "button",
    { type: "button", class: "column", tabindex: isReached ? 0 : -1, "aria-label": column.sentence },
    element("span", { class: "above", "aria-hidden": "true" }, column.label),
    stack(column, top, goal),
    element("span", { class: "below", "aria-hidden": "true" }, column.name),
  );
}

/** Have the sentence of a column shown while one points at it, touches it, or reaches it by arrow keys. */
function tellingWhich(buttons, columns, place) {
  let current = buttons.length - 1;
  function choose(number) {
    buttons[current].tabIndex = -1;
    buttons[current].classList.remove("current");
    current = number;
    buttons[current].tabIndex = 0;
    buttons[current].classList.add("current");
    place.textContent = columns[current].sentence;
  }
  for (const [number, button] of buttons.entries()) {
    for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, () => choose(number));
    button.addEventListener("keydown", (event) => {
      const isMirrored = getComputedStyle(button).direction === "rtl";
      const step = (KEYS[event.key] ?? 0) * (isMirrored ? -1 : 1);
      if (!step || !buttons[number + step]) return;
      event.preventDefault();
      buttons[number + step].focus();
    });
  }
  if (buttons.length) choose(current);
}

/**
 * Make a chart of `columns`, `{ name, label, parts, sentence }`: the text below and above, how the column is divided from
 * its foot up (`{ kind, value }`), and what it says in a sentence. `top` is the value at the top of the scale, `goal` a
 * line across. The newest column comes last, and is in view where the chart scrolls. `more` are elements below.
 */
export function columnChart({ title, columns, top, goal = null, more = [] }) {
  const sentence = element("p", { class: "sentence", "aria-hidden": "true" });
  const last = columns.length - 1;
  const buttons = columns.map((column, number) => columnButton(column, { top, goal, isReached: number === last }));
  const plot = element("div", { class: "plot", role: "group", "aria-label": title }, buttons);
  tellingWhich(buttons, columns, sentence);
  // Before the chart is in the page it can't be scrolled.
  requestAnimationFrame(() => {
    const isMirrored = getComputedStyle(plot).direction === "rtl";
    plot.scrollLeft = isMirrored ? -plot.scrollWidth : plot.scrollWidth;
  });
  return element("figure", { class: "chart" }, element("figcaption", {}, title), sentence, plot, more);
}

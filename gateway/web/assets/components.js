// What every view is made of: elements, messages, and the badges of a status. Text goes in as text, never as markup, so
// that nothing the API answers can become part of the page.

import { hasText, number, text } from "./localization.js";

const SVG = "http://www.w3.org/2000/svg";
/** The source of a status before any decision. */
export const NOT_MARKED = "system_default";
const STATUS_SIGNS = { present: "✅", late: "⏰", absent: "❌", unmarked: "○", other: "•" };
const SOURCE_SIGNS = {
  manual: "✋",
  whiteboard_auto: "🤖",
  parent_reported: "👪",
  admin_override: "⚙️",
  [NOT_MARKED]: "📝",
};

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
  made.append(...children.flat().filter(isGiven));
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

/** Make a button that submits nothing. */
export function button(label, onclick, attributes = {}) {
  return element("button", { type: "button", onclick, ...attributes }, label);
}

/** Isolate a name or note, which may be written from right to left, from the text around it. */
export function isolated(content) {
  return element("bdi", {}, content);
}

/** Make a place for messages: `say` for what went well, `warn` for what did not, with a button to try again. */
export function notices() {
  // Screen readers read out what changes in a region, not what arrives together with it: so both are there from the start.
  const said = element("p", { class: "notice", role: "status" });
  const warned = element("div", { class: "notice", role: "alert" });
  const place = element("div", { class: "notices" }, said, warned);
  return {
    element: place,
    clear() {
      said.replaceChildren();
      warned.replaceChildren();
    },
    say(message) {
      this.clear();
      said.append(message);
    },
    /** `again` is called by a button, unless the problem says that trying again can't help. */
    warn(problem, again = null) {
      this.clear();
      warned.append(element("p", {}, problem.message));
      if (!again || problem.mayPass === false) return;
      warned.append(
        button(text("common.retry"), () => {
          this.clear();
          again();
        }),
      );
    },
  };
}

function kindOf(status, source) {
  if (source === NOT_MARKED || !status) return "unmarked";
  return hasText(`common.status.${status}`) ? status : "other";
}

function sign(character) {
  return element("span", { "aria-hidden": "true" }, `${character} `);
}

/** Write a status. If the source is `system_default`, no decision was made, and the status in the row means nothing. */
export function statusWord(status, source = "") {
  return text(`common.status.${kindOf(status, source)}`, { status });
}

/** Make the badge of a status: its word with a sign and a colour. */
export function statusBadge(status, source = "") {
  const kind = kindOf(status, source);
  return element("span", { class: `badge ${kind}` }, sign(STATUS_SIGNS[kind]), statusWord(status, source));
}

/** Make a label that says where a recorded status comes from. */
export function sourceLabel(source) {
  const kind = hasText(`common.source.${source}`) ? source : NOT_MARKED;
  return element("span", { class: "source" }, sign(SOURCE_SIGNS[kind]), text(`common.source.${kind}`));
}

/** Make a line for each person of a session whose absence was announced. */
export function announcedAbsences({ tutor_name: tutor, tutor_absence_announced: reason, students }) {
  const people = [
    { name: tutor, reason },
    ...students.map(({ name, absence_announced: why }) => ({ name, reason: why })),
  ];
  return people
    .filter((one) => one.reason !== undefined)
    .map((one) => element("p", { class: "announced" }, text("common.announced", one)));
}

/** Write how often each status occurs among `statuses` (undefined: not marked): "31 present, 5 late". */
export function tallyInWords(statuses) {
  const counts = Map.groupBy(statuses, (status) => kindOf(status, ""));
  return Object.keys(STATUS_SIGNS)
    .filter((kind) => counts.has(kind))
    .map((kind) => text(`common.tally.${kind}`, { count: counts.get(kind).length }))
    .join(", ");
}

/** Write what became of a lesson, with what is to be billed if `bills`; nothing where that is not said. */
export function outcomeInWords(outcome, { bills }) {
  const key = `common.${bills ? "billed" : "became"}.${outcome?.outcome}`;
  if (!hasText(key)) return "";
  return text(key, {
    overlap: number(outcome.overlap_minutes),
    tutor: number(outcome.tutor_waited_minutes),
    student: number(outcome.student_waited_minutes),
    billable: number(outcome.billable_minutes),
  });
}

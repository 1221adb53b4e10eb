// One student of a class, as a row of the table: presence in small, the facts, and the choice; more where it is unfolded.

import { button, element, icon, isolated, sourceLabel, statusWord } from "../../components.js";
import { text } from "../../localization.js";
import { personChoice } from "./choice.js";
import { factsInWords, whyOf } from "./facts.js";
import { notesField } from "./notes-field.js";
import { timeline } from "./timeline.js";
import { drawSmallRow } from "./timeline-drawing.js";
import { layOut } from "./timeline-layout.js";
import { readByPointer } from "./timeline-reading.js";

const cell = (attributes, ...children) => element("div", { role: "cell", ...attributes }, ...children);

/** Make the part that is unfolded: why, the whole timeline, a note and an excuse. */
function rowDetails(person, { choice, note }) {
  const facts = element("p", { class: "why" });
  const why = element("p", { class: "why" });
  const announced = element("p", { class: "why" });
  const drawn = timeline();
  const body = element(
    "div",
    { role: "cell", class: "details", id: `details-${person.key}`, hidden: true },
    announced,
    facts,
    why,
    drawn.element,
    choice?.excuse.element,
    note?.element,
  );
  let shown = null;

  /** Of forty students few are unfolded, so a timeline is drawn only then. */
  function draw() {
    const hasFacts = Boolean(shown?.person.facts);
    drawn.element.hidden = !hasFacts;
    if (hasFacts && !body.hidden) drawn.show([shown.person], shown.suggestion, Date.now());
  }

  return {
    element: body,
    toggle(isOpen) {
      body.hidden = !isOpen;
      draw();
    },
    show(newer, suggestion) {
      facts.textContent = suggestion ? factsInWords(newer, suggestion) : "";
      why.textContent = suggestion ? whyOf(newer, suggestion) : "";
      announced.textContent =
        newer.announced === undefined ? "" : text("lesson.facts.announced", { reason: newer.announced });
      shown = { person: newer, suggestion };
      draw();
    },
  };
}

/** What is recorded of somebody about whom nothing is asked here: the status, and who decided it for all others. */
function rowStanding({ isParents }) {
  const status = element("span");
  const locked = cell({ class: "locked why" });
  return {
    status,
    locked,
    show({ isLocked, status: recorded, source }, hasChoice) {
      status.hidden = hasChoice && !isLocked;
      status.className = `chosen ${recorded ?? "unmarked"}`;
      status.textContent = status.hidden ? "" : statusWord(recorded, source);
      locked.hidden = !isLocked;
      locked.replaceChildren(isLocked ? (isParents ? sourceLabel(source) : text("lesson.decidedByAdmin")) : "");
    },
  };
}

/**
 * Make the row of `person` (people.js). `isAsked` is whether there is a choice; `say(words)` shows what one reads of a
 * presence; for the other options see choice.js.
 */
export function studentRow(person, { isAsked, say, onchange, ...options }) {
  const note = isAsked
    ? notesField(`note-${person.key}`, { label: text("lesson.noteOn", { name: person.label }), oninput: onchange })
    : null;
  const choice = isAsked ? personChoice(person, person.label, { ...options, isCompact: true, onchange }) : null;
  const details = rowDetails(person, { choice, note });
  const standing = rowStanding(options);
  const presence = cell({ class: "presence", dir: "ltr" });
  const facts = cell({ class: "facts" });
  const signs = element("span", { class: "row-signs" });
  const more = button(
    icon("chevron"),
    () => {
      const isOpen = more.getAttribute("aria-expanded") !== "true";
      more.setAttribute("aria-expanded", String(isOpen));
      details.toggle(isOpen);
    },
    {
      class: "icon-button more",
      "aria-expanded": "false",
      "aria-controls": details.element.id,
      "aria-label": text("lesson.moreOn", { name: person.label }),
      title: text("lesson.moreOn", { name: person.label }),
    },
  );
  const hasNote = () => note?.isTyped() ?? false;

  function showSigns() {
    const { announced, note: stored, excused } = choice?.person() ?? person;
    signs.replaceChildren(
      ...[
        (stored || hasNote()) && icon("note"),
        excused && icon("excused"),
        announced !== undefined && icon("info"),
      ].filter(Boolean),
    );
  }

  return {
    key: person.key,
    choice,
    element: element(
      "div",
      { role: "row", class: "student", "data-person": person.key },
      cell({ class: "name", title: person.name }, isolated(person.label), signs),
      presence,
      facts,
      cell({ class: "control" }, choice?.status.element, standing.status),
      cell({ class: "unfold" }, more),
      standing.locked,
      details.element,
    ),
    show(newer, suggestion) {
      facts.textContent = suggestion ? factsInWords(newer, suggestion, { isShort: true }) : "";
      facts.title = suggestion ? factsInWords(newer, suggestion) : "";
      note?.show(newer.note ?? "");
      choice?.show(newer);
      if (choice) choice.status.element.hidden = newer.isLocked;
      standing.show(newer, choice !== null);
      details.show(newer, suggestion);
      showSigns();
      if (!newer.facts || !suggestion) return presence.replaceChildren();
      const layout = layOut([newer], suggestion, Date.now());
      const drawn = drawSmallRow(layout.rows[0], layout);
      presence.replaceChildren(drawn);
      return readByPointer(drawn, drawn, layout.rows[0], layout, say);
    },
    isTyped: () => hasNote() || (choice?.excuse.isTyped() ?? false),
    isTooLong: () => note?.isTooLong() ?? false,
    /** Whether something is written that needs a status. */
    isIncomplete: () => choice.isMissing() && (hasNote() || choice.excuse.change() !== null),
    value: () => ({ ...choice.value(), note: note.change() }),
    unfold() {
      if (more.getAttribute("aria-expanded") !== "true") more.click();
    },
    reset() {
      choice?.reset();
      note?.reset();
    },
    draft: () => ({ ...choice.draft(), note: note.draft() }),
    restore(draft) {
      choice.restore(draft);
      note.restore(draft.note);
      if (draft.note !== null || draft.excuse) this.unfold();
    },
  };
}

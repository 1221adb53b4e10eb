// Chips: a status as an icon and its word, which reads without colour; and sentences about statuses and outcomes.

import { element, icon } from "./elements.js";
import { hasText, number, text, wholeMinutes } from "./localization.js";

/** The source of a status before any decision. */
export const NOT_MARKED = "system_default";
/** The icon of each kind of chip, in the order in which they are counted. */
const ICONS = {
  present: "check",
  late: "clock",
  absent: "cross",
  excused: "excused",
  unmarked: "ring",
  unknown: "ring",
  other: "more",
};
const TALLIED = ["present", "late", "absent", "unmarked", "other"];
const SOURCE_ICONS = {
  manual: "pen",
  whiteboard_auto: "spark",
  parent_reported: "people",
  admin_override: "shield",
  [NOT_MARKED]: "ring",
};

function kindOf(status, source) {
  if (source === NOT_MARKED || !status) return "unmarked";
  return hasText(`common.status.${status}`) ? status : "other";
}

/**
 * Make a chip: `present`, `late`, `absent`, `excused`, `unmarked`, `unknown` or `other`, with its label. One that is only
 * `suggested` has a dashed outline.
 */
export function chip(kind, label, { suggested = false } = {}) {
  return element(
    "span",
    { class: suggested ? `chip ${kind} suggestion-only` : `chip ${kind}` },
    icon(ICONS[kind]),
    label,
  );
}

/** Write a status. If the source is `system_default`, no decision was made, and the status in the row means nothing. */
export function statusWord(status, source = "") {
  return text(`common.status.${kindOf(status, source)}`, { status });
}

/** Make the chip of a status. */
export function statusChip(status, source = "", options = {}) {
  return chip(kindOf(status, source), statusWord(status, source), options);
}

/** Make a label that says where a recorded status comes from. */
export function sourceLabel(source) {
  const kind = hasText(`common.source.${source}`) ? source : NOT_MARKED;
  return element("span", { class: "source" }, icon(SOURCE_ICONS[kind]), text(`common.source.${kind}`));
}

/** Make a line for each person of a session whose absence was announced; `isTutor` is whether its tutor reads it. */
export function announcedAbsences({ tutor_name: tutor, tutor_absence_announced: reason, students }, isTutor = false) {
  const people = [
    { name: tutor, reason, isYou: isTutor },
    ...students.map(({ name, absence_announced: why }) => ({ name, reason: why })),
  ];
  return people
    .filter((one) => one.reason !== undefined)
    .map((one) =>
      element("p", { class: "announced" }, text(one.isYou ? "common.announcedByYou" : "common.announced", one)),
    );
}

function tally(statuses) {
  const kinds = statuses.map((status) => kindOf(status, ""));
  return TALLIED.map((kind) => ({ kind, count: kinds.filter((each) => each === kind).length })).filter(
    ({ count }) => count > 0,
  );
}

function tallyWord({ kind, count }) {
  return text(`common.tally.${kind}`, { count: number(count) });
}

/** Write how often each status occurs among `statuses` (undefined: not marked): "31 present, 5 late". */
export function tallyInWords(statuses) {
  return tally(statuses).map(tallyWord).join(", ");
}

/**
 * Make a chip for each status that occurs among `statuses`, with how often: "31 present". `compact` ones show the number
 * alone, and say the word to screen readers.
 */
export function tallyChips(statuses, { suggested = false, compact = false } = {}) {
  return tally(statuses).map((one) => {
    if (!compact) return chip(one.kind, tallyWord(one), { suggested });
    const shown = element("span", { "aria-hidden": "true" }, number(one.count));
    return chip(one.kind, [shown, element("span", { class: "unseen" }, tallyWord(one))], { suggested });
  });
}

/** Write what became of a lesson, with what is to be billed if `bills`; nothing where that is not said. */
export function outcomeInWords(outcome, { bills }) {
  const key = `common.${bills ? "billed" : "became"}.${outcome?.outcome}`;
  if (!hasText(key)) return "";
  return text(key, {
    overlap: wholeMinutes(outcome.overlap_minutes),
    tutor: wholeMinutes(outcome.tutor_waited_minutes),
    student: wholeMinutes(outcome.student_waited_minutes),
    billable: wholeMinutes(outcome.billable_minutes),
  });
}

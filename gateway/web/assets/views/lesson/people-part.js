// Those whom a lesson is about, and what is chosen about them: the tutor and the student, or the table of a class.

import { element } from "../../components.js";
import { text } from "../../localization.js";
import { isGroupClass } from "./people.js";
import { personBlock } from "./person-block.js";
import { studentRows } from "./student-rows.js";

/**
 * Make the part about `people` (people.js). `asks` are those (of `tutor` and `student`) who are decided on here, `excuses`
 * those whose absence may be excused; `accepts` is whether what is suggested is chosen beforehand, `isParents` whether a parent
 * reports. `onchange()` is called at each change. `show(people, suggestion)` shows what is recorded and suggested, and
 * leaves alone what was chosen. `open(isOpen)` shows or hides the choices; `only(people)` asks about fewer.
 */
export function peoplePart({ people, session, asks, excuses, accepts, isParents, onchange }) {
  const isGroup = isGroupClass(null, session);
  const heading = element("h3", { class: "unseen", tabindex: -1 }, text("lesson.attendance"));
  const optionsOf = ({ person, isLocked = false }) => ({
    isAsked: asks.includes(person) && !isLocked,
    mayExcuse: excuses.includes(person),
    prefers: accepts,
    isParents,
    onchange,
  });
  const single = people.filter(({ person }) => person === "tutor" || !isGroup);
  const blocks = single.map((person) => ({ person, block: personBlock(person, optionsOf(person)) }));
  const students = people.filter(({ person }) => person === "student");
  const rows = isGroup ? studentRows({ people: students, ...optionsOf({ person: "student" }) }) : null;
  let asked = asks;

  const askedBlocks = () =>
    blocks.filter(({ person, block }) => block.choice && asked.includes(person.person)).map(({ block }) => block);
  const rowsAreAsked = () => rows !== null && asked.includes("student");
  const missingBlocks = () => askedBlocks().filter(({ choice }) => choice.isMissing());

  return {
    element: element(
      "section",
      { class: isGroup ? "people group" : "people" },
      heading,
      blocks.map(({ block }) => block.element),
      rows?.element,
    ),
    isGroup,
    focus: () => heading.focus(),
    show(newer, suggestion) {
      const known = new Map(newer.map((person) => [person.key, person]));
      for (const { person, block } of blocks) block.show(known.get(person.key) ?? person, suggestion);
      rows?.show(newer, suggestion);
    },
    open(isOpen) {
      for (const { person, block } of blocks) block.open(isOpen && asked.includes(person.person));
      rows?.open(isOpen);
    },
    only(fewer) {
      asked = asks.filter((person) => fewer.includes(person));
      this.open(true);
    },
    isTyped: () => askedBlocks().some(({ choice }) => choice.excuse.isTyped()) || (rows?.isTyped() ?? false),
    isTooLong: () => rows?.isTooLong() ?? false,
    /** Return the choices about those who are asked about (body.js). */
    choices: () => [
      ...askedBlocks().map(({ choice }) => ({ ...choice.value(), note: undefined })),
      ...(rowsAreAsked() ? rows.values() : []),
    ],
    /** Return those without whose status nothing can be saved, in the order in which they are asked for. */
    missing: () => [...missingBlocks().map(({ choice }) => choice.person()), ...(rowsAreAsked() ? rows.missing() : [])],
    /** Say beside each what is missing, and focus the first. Of a class some may be left out, but not all. */
    isComplete() {
      const missing = missingBlocks();
      for (const block of askedBlocks()) {
        block.choice.status.showProblem(missing.includes(block) ? text("lesson.choose") : "");
      }
      missing[0]?.choice.status.focus();
      if (missing.length) return false;
      return !rowsAreAsked() || rows.isComplete({ isRequired: askedBlocks().length === 0 });
    },
    reset() {
      for (const { block } of blocks) block.choice?.reset();
      rows?.reset();
    },
    draft: () => ({
      blocks: blocks.map(({ block }) => block.choice?.draft() ?? null),
      rows: rows && asks.includes("student") ? rows.draft() : null,
    }),
    restore(draft) {
      for (const [index, { block }] of blocks.entries()) {
        if (draft.blocks[index]) block.choice?.restore(draft.blocks[index]);
      }
      if (draft.rows) rows?.restore(draft.rows);
    },
  };
}

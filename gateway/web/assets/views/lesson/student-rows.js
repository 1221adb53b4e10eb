// The students of a class as a table: exceptions first, how many are what, and all present except some.

import { button, element, tallyChips } from "../../components.js";
import { text } from "../../localization.js";
import { isUnknowable } from "./people.js";
import { studentRow } from "./student-row.js";

/** In this order: what needs a look comes first. */
const ORDER = ["undecided", "absent", "late", "present"];
const HEADINGS = ["name", "presence", "facts", "status", "more"];

function rankOf({ status, suggested, facts }) {
  if (status === null && (suggested === null || (facts && isUnknowable(facts)))) return 0;
  return Math.max(ORDER.indexOf(status ?? suggested), 0);
}

function headings() {
  return element(
    "div",
    { role: "row", class: "unseen" },
    HEADINGS.map((name) => element("div", { role: "columnheader" }, text(`lesson.column.${name}`))),
  );
}

/**
 * Make the table of `people` (students of people.js). `isAsked` is whether one chooses for each, `prefers` whether what is
 * suggested is chosen beforehand, `mayExcuse` whether absences can be excused, `isParents` whether a parent reports; `onchange()` is called at
 * each change.
 */
export function studentRows({ people: first, isAsked, mayExcuse, prefers, isParents, onchange }) {
  let people = first;
  const tally = element("p", { class: "tally", role: "status" });
  const reading = element("p", { class: "reading", "aria-hidden": "true" });
  const say = (words) => reading.replaceChildren(words);
  const rows = people.map((person) =>
    studentRow(person, { isAsked: isAsked && !person.isLocked, mayExcuse, prefers, isParents, say, onchange: changed }),
  );
  const asked = rows.filter(({ choice }) => choice !== null);
  let isOrdered = false;
  const body = element(
    "div",
    { role: "rowgroup", class: "students" },
    rows.map((row) => row.element),
  );
  body.style.setProperty("--half", String(Math.ceil(rows.length / 2)));
  const allPresent = button(text("lesson.allPresentExcept"), () => setAll("present"), { class: "small" });
  const asSuggested = button(text("lesson.allSuggested"), () => setAll(null), { class: "small", hidden: true });
  const problem = element("p", { class: "problem", role: "alert" });

  function showTally() {
    const statuses = rows.map(({ choice }, index) => {
      const { isLocked, status } = people[index];
      return (isLocked ? null : choice?.status.value()) ?? status ?? undefined;
    });
    tally.replaceChildren(...tallyChips(statuses));
  }

  function changed() {
    problem.replaceChildren();
    showTally();
    onchange();
  }

  function setAll(status) {
    for (const row of asked) {
      if (status === null) row.choice.choose(row.choice.person().suggested ?? undefined);
      else row.choice.choose(status);
    }
    changed();
    body.querySelector("input:checked")?.focus();
  }

  /** Order them once, when it is known what is suggested: rows that move under a hand are in the way. */
  function order(newer) {
    const ranks = new Map(newer.map((person) => [person.key, rankOf(person)]));
    const rankOfRow = ({ key }) => ranks.get(key) ?? 0;
    const sorted = rows.toSorted((one, other) => rankOfRow(one) - rankOfRow(other));
    body.replaceChildren(...sorted.map((row) => row.element));
    isOrdered = true;
  }

  return {
    element: element(
      "section",
      { class: "class" },
      element(
        "div",
        { class: "class-head" },
        element("h3", {}, text("lesson.students", { count: people.length })),
        tally,
        reading,
        isAsked && element("div", { class: "all" }, allPresent, asSuggested),
      ),
      problem,
      element(
        "div",
        { role: "table", "aria-label": text("lesson.students", { count: people.length }) },
        headings(),
        body,
      ),
    ),
    show(newer, suggestion) {
      if (suggestion && !isOrdered && !rows.some((row) => row.isTyped())) order(newer);
      const known = new Map(newer.map((person) => [person.key, person]));
      people = people.map((person) => known.get(person.key) ?? person);
      for (const [index, row] of rows.entries()) row.show(people[index], suggestion);
      asSuggested.hidden = !newer.some(({ suggested }) => suggested !== null);
      showTally();
    },
    open(isOpen) {
      body.classList.toggle("closed", !isOpen);
      allPresent.hidden = !isOpen;
      asSuggested.hidden = !isOpen || !people.some(({ suggested }) => suggested !== null);
    },
    isTyped: () => rows.some((row) => row.isTyped()),
    isTooLong: () => rows.some((row) => row.isTooLong()),
    values: () => asked.map((row) => row.value()),
    /** Return those of whom something is written that needs a status. */
    missing: () => asked.filter((row) => row.isIncomplete()).map(({ choice }) => choice.person()),
    /** Say what is missing beside the rows, and focus the first. */
    isComplete({ isRequired }) {
      const incomplete = asked.filter((row) => row.isIncomplete());
      if (isRequired && asked.length && asked.every((row) => row.choice.isMissing())) {
        problem.textContent = text("lesson.chooseSome");
        asked[0].choice.status.focus();
        return false;
      }
      for (const row of asked) row.choice.status.showProblem(incomplete.includes(row) ? text("lesson.choose") : "");
      incomplete[0]?.choice.status.focus();
      return incomplete.length === 0;
    },
    reset() {
      for (const row of rows) row.reset();
      showTally();
    },
    draft: () => asked.map((row) => row.draft()),
    restore(drafts) {
      for (const [index, row] of asked.entries()) row.restore(drafts[index]);
      showTally();
    },
  };
}

// What the one button of a review will do, in words. Pure.

import { tallyInWords } from "../../components.js";
import { list, text } from "../../localization.js";

/** So many people are named; of more, only how many. */
const MAX_NAMED = 3;
const STATUSES = ["present", "late", "absent"];

const asWord = (status) => text(`lesson.as.${status}`);

function inSentence({ isYou, shortLabel }) {
  return isYou ? text("lesson.youInSentence") : shortLabel;
}

/** Write people and statuses, `{ person, status }`: "you present, Sara late"; of many, how many. */
export function outcomesInWords(changes) {
  const tutor = changes.filter(({ person }) => person.person === "tutor");
  const students = changes.filter(({ person }) => person.person !== "tutor");
  const named = students.length > MAX_NAMED ? tutor : changes;
  const byStatus = STATUSES.flatMap((status) => {
    const names = named.filter((change) => change.status === status).map(({ person }) => inSentence(person));
    if (!names.length) return [];
    return [text("lesson.act.person", { name: list(names), status: asWord(status) })];
  });
  const words = byStatus.join(text("lesson.act.between"));
  if (students.length <= MAX_NAMED) return words;
  const tally = tallyInWords(students.map(({ status }) => status));
  return words ? text("lesson.act.class", { tutor: words, tally }) : tally;
}

/**
 * Write what the button does, or about whom (`missing`, of people.js) one has to choose before it can: `changes` are the statuses that it records, `{ person, status }`; `isMore` is whether
 * something else is, such as a note; `isAgain` whether something is recorded already; `isParent` whether a parent says it.
 */
export function actInWords({ missing = [], changes, isMore, isAgain, isParent }) {
  if (missing.length && (changes.length || isMore))
    return text("lesson.act.chooseFirst", { name: inSentence(missing[0]) });
  if (!changes.length)
    return text(isMore ? "common.save" : isParent ? "lesson.act.reportNothing" : "lesson.act.nothing");
  const what = outcomesInWords(changes);
  if (isParent) return text("lesson.act.report", { what });
  return text(isAgain ? "lesson.act.change" : "lesson.act.mark", { what });
}

// What is recorded about a lesson now.

import { element, isolated, NOT_MARKED, sourceLabel, statusChip, tallyChips } from "../../components.js";
import { dateTime, hasText, text } from "../../localization.js";
import { isGroupClass } from "./people.js";
import { outcomesInWords } from "./sentences.js";

function excuseInWords({ excused, excuseReason: reason }) {
  if (!excused) return [];
  return ` · ${reason ? text("common.excusedBecause", { reason }) : text("common.excused")}`;
}

function personLine(person, hasOwnSource) {
  const { label, status, source, note } = person;
  return element(
    "li",
    {},
    element("span", { class: "marked-name" }, isolated(label)),
    " ",
    statusChip(status, source),
    hasOwnSource && source !== NOT_MARKED ? [" · ", sourceLabel(source)] : [],
    excuseInWords(person),
    note ? element("p", { class: "notes" }, isolated(note)) : [],
  );
}

/** Whether there is more to say of a student than a status. */
function isSpecial({ excused, note, announced, isLocked }, hasOwnSource) {
  return excused || note || announced !== undefined || (isLocked && hasOwnSource);
}

/** In a class how many are what, and those about whom there is more to say, as that others decided on them alone. */
function lines(people, session, hasOwnSource) {
  if (!isGroupClass(null, session)) return people.map((person) => personLine(person, hasOwnSource));
  const [tutor, ...students] = people;
  const tally = tallyChips(students.map(({ status }) => status ?? undefined));
  return [
    personLine(tutor, hasOwnSource),
    element("li", { class: "tally" }, tally),
    ...students.filter((person) => isSpecial(person, hasOwnSource)).map((person) => personLine(person, hasOwnSource)),
  ];
}

/** Write where the mark comes from, and when it was made: once, where it is the same for all. */
function origin(session, hasOwnSource) {
  const { attendance_source: source, attendance_marked_at: at } = session;
  if (source === NOT_MARKED) return [];
  return [hasOwnSource ? null : sourceLabel(source), !hasOwnSource && at && " · ", at && dateTime(at)].filter(Boolean);
}

/** Write what was recorded before a session was moved, which made it unmarked again. */
function movedSentence(session, people) {
  const before = { tutor: session.tutor_attendance_status, student: session.student_attendance_status };
  const changes = [people[0], people.find(({ person }) => person === "student")]
    .map((person) => ({ person, status: before[person?.person] }))
    .filter(({ status }) => status);
  const key = `common.source.${session.source_before_move}`;
  const source = hasText(key) ? text(key) : session.source_before_move;
  return text("lesson.moved", { source, outcomes: outcomesInWords(changes) });
}

/** Make the section about the record, to be filled by `show(session, people)`; `isAlways` shows it also if nothing is marked. */
export function recordSection({ isAlways }) {
  const heading = element("h3", { tabindex: -1 }, text("lesson.record"));
  const list = element("ul", { class: "marks" });
  const from = element("p", { class: "quiet from" });
  const notes = element("p", { class: "notes" });
  const changed = element("p", { class: "hint" }, text("lesson.factsChanged"));
  const moved = element("p", { class: "hint" });
  const section = element("section", { class: "recorded" }, heading, list, notes, from, changed, moved);
  return {
    element: section,
    focus: () => heading.focus(),
    show(session, people) {
      const marked = people.filter(({ source }) => source !== NOT_MARKED);
      const hasOwnSource = new Set(marked.map(({ source }) => source)).size > 1;
      section.hidden = !isAlways && !marked.length && session.source_before_move === undefined;
      list.hidden = session.source_before_move !== undefined;
      list.replaceChildren(...lines(people, session, hasOwnSource));
      from.replaceChildren(...origin(session, hasOwnSource));
      notes.replaceChildren(...(session.attendance_notes ? [isolated(session.attendance_notes)] : []));
      changed.hidden = !session.facts_changed_since_decision;
      moved.hidden = session.source_before_move === undefined;
      moved.textContent = moved.hidden ? "" : movedSentence(session, people);
    },
  };
}

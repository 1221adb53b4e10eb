// What is recorded about a session now.

import { button, element, isolated, NOT_MARKED, sourceLabel, statusChip, statusWord } from "../../components.js";
import { dateTime, hasText, text } from "../../localization.js";
import { DECIDED_ON, labelOf, recordsOf } from "./people.js";

function personRow({ label, status, source, excused, reason, note }) {
  const excuse = reason ? text("common.excusedBecause", { reason }) : text("common.excused");
  return [
    element("dt", {}, isolated(label)),
    element(
      "dd",
      {},
      statusChip(status, source),
      source === NOT_MARKED ? [] : [" · ", sourceLabel(source)],
      excused ? ` · ${excuse}` : [],
      note ? element("p", { class: "notes" }, isolated(note)) : [],
    ),
  ];
}

function row(name, value) {
  return value ? [element("dt", {}, text(`lesson.${name}`)), element("dd", { class: name }, value)] : [];
}

function rows(session) {
  const isMarked = session.attendance_source !== NOT_MARKED;
  return [
    ...recordsOf(session).map(personRow),
    row("notes", session.attendance_notes),
    row("recordedAt", isMarked && session.attendance_marked_at && dateTime(session.attendance_marked_at)),
  ].flat();
}

/** Write what was recorded before a session was moved, which made it unmarked again. */
function movedSentence(session) {
  const outcomes = DECIDED_ON.filter((person) => session[`${person}_attendance_status`]).map((person) =>
    text("lesson.outcome", {
      person: labelOf(person, session),
      status: statusWord(session[`${person}_attendance_status`]),
    }),
  );
  const key = `common.source.${session.source_before_move}`;
  const source = hasText(key) ? text(key) : session.source_before_move;
  return text("lesson.moved", { source, outcomes: outcomes.join(", ") });
}

/**
 * Make the section about the record as it is now, to be filled by `show(session, { mayWithdraw })`. Its button to withdraw
 * calls `onWithdraw()`.
 */
export function recordSection({ onWithdraw }) {
  const heading = element("h3", { tabindex: -1 }, text("lesson.record"));
  const list = element("dl", {});
  const changed = element("p", { class: "hint", hidden: true }, text("lesson.factsChanged"));
  const moved = element("p", { class: "hint", hidden: true });
  const withdraw = button(text("lesson.withdrawal.open"), onWithdraw, { hidden: true });
  return {
    element: element("section", { class: "recorded" }, heading, list, changed, moved, withdraw),
    focus: () => heading.focus(),
    show(session, { mayWithdraw }) {
      list.replaceChildren(...rows(session));
      changed.hidden = !session.facts_changed_since_decision;
      moved.hidden = session.source_before_move === undefined;
      moved.textContent = moved.hidden ? "" : movedSentence(session);
      withdraw.hidden = !mayWithdraw;
    },
  };
}

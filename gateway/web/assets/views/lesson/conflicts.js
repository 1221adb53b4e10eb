// What changed while a decision was being taken, in words.

import { statusWord } from "../../components.js";
import { text } from "../../localization.js";
import { changesOf } from "./changes.js";
import { readHistory } from "./history.js";

/** Reasons of a refused decision (docs/errors.md): what the person saw is no longer so. */
export const SUGGESTION_CHANGED = "SUGGESTION_CHANGED";
export const SESSION_CHANGED = "SESSION_CHANGED";
const ATTENDANCE_CHANGED = "ATTENDANCE_CHANGED";
export const CHANGES = new Set([SUGGESTION_CHANGED, SESSION_CHANGED, ATTENDANCE_CHANGED]);

/**
 * Return a sentence about who decided last, and what: `decided` if something was to be saved here (and was not), `elsewhere`
 * if not.
 */
export async function lastDecision(session, signal, key) {
  const {
    decisions: [last],
  } = await readHistory(session.id, { pageSize: 1, signal });
  if (!last) return text("lesson.changed.unknown");
  const changes = changesOf(last, session).filter(({ changesStatus }) => changesStatus);
  const outcomes = changes.map(({ label, after, isWithdrawn }) =>
    text("lesson.outcome", { person: label, status: statusWord(isWithdrawn ? null : after) }),
  );
  return text(`lesson.changed.${key}`, {
    name: last.decided_by_name,
    role: text(`common.role.${last.decided_by_role}`),
    outcomes: outcomes.join(text("common.comma")) || text("lesson.changed.notesAlone"),
  });
}

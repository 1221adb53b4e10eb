// Why a student is at risk, in words.

import { number, percent, text } from "../../localization.js";

const HUNDRED_PERCENT = 100;

/** Write what share of lessons was attended, in whole percent, with the numbers; nothing without lessons. */
export function shareOfLessons(attended, lessons) {
  if (!lessons) return "–";
  const share = percent(Math.round((attended * HUNDRED_PERCENT) / lessons));
  return text("reports.risk.shareOf", { share, attended: number(attended), count: lessons });
}

function shareAlone(attended, lessons) {
  return percent(Math.round((attended * HUNDRED_PERCENT) / lessons));
}

/** Write why a student is listed: one reason, or both. */
export function reasonsInWords(row) {
  const inARow = row.absent_in_a_row && text("reports.risk.inARow", { count: row.absences_in_a_row });
  const falling =
    row.falling_rate &&
    text("reports.risk.falling", {
      recent: shareAlone(row.recent_attended, row.recent_lessons),
      earlier: shareAlone(row.earlier_attended, row.earlier_lessons),
    });
  return [inARow, falling].filter(Boolean).join(" · ");
}

// Counts of what is known about attendance. What nobody has marked stays apart: it is no status at all.

const MARKED = ["present", "late", "absent", "other"];
const KNOWN = ["present", "late", "absent"];
/** In the order in which they are shown. `other` are words of old rows. */
export const KINDS = [...MARKED, "unmarked"];
const HUNDRED_PERCENT = 100;
const TWO_DECIMALS = 100;

/** Return the kind of a recorded status; unset means that nobody has decided. */
export function kindOf(status) {
  if (!status) return "unmarked";
  return KNOWN.includes(status) ? status : "other";
}

/** Count the kinds of many statuses. */
export function tallyOf(statuses) {
  const tally = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  for (const status of statuses) tally[kindOf(status)] += 1;
  return tally;
}

/** Return the tally of a tutor's row; what it does not count by name are old words. */
export function tallyOfTutor({ total_sessions: total, present, late, absent, unmarked }) {
  return { present, late, absent, other: total - present - late - absent - unmarked, unmarked };
}

export function sumOf(tallies) {
  return Object.fromEntries(KINDS.map((kind) => [kind, tallies.reduce((sum, tally) => sum + tally[kind], 0)]));
}

export function markedIn(tally) {
  return MARKED.reduce((sum, kind) => sum + tally[kind], 0);
}

export function totalOf(tally) {
  return markedIn(tally) + tally.unmarked;
}

/** Return present as a share of what is marked, in percent with two decimals as the API rounds it; null: nothing is. */
export function rateOf(tally) {
  const marked = markedIn(tally);
  return marked ? Math.round((tally.present * HUNDRED_PERCENT * TWO_DECIMALS) / marked) / TWO_DECIMALS : null;
}

/** Return the kinds worth a column or a word: old words only where there are any. */
export function kindsIn(tally) {
  return KINDS.filter((kind) => kind !== "other" || tally.other > 0);
}

// Adds up what reports show. Lessons that are not marked are counted apart, because they have no status. Pure.

const MARKED = ["present", "late", "absent", "other"];
const KNOWN = ["present", "late", "absent"];
/** In the order in which they are shown. `other` are statuses of old rows. */
const KINDS = [...MARKED, "unmarked"];
const HUNDRED_PERCENT = 100;
const ONE_DECIMAL = 10;

/** Return the kind of a recorded status; without a status, that of a lesson that is not marked. */
export function kindOf(status) {
  if (!status) return "unmarked";
  return KNOWN.includes(status) ? status : "other";
}

/** Return the tally of many statuses: how many there are of each kind. */
export function tallyOf(statuses) {
  const tally = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  for (const status of statuses) tally[kindOf(status)] += 1;
  return tally;
}

/** Return the tally of a tutor's row; statuses that it does not count by name are those of old rows. */
export function tallyOfTutor({ total_sessions: total, present, late, absent, unmarked }) {
  return { present, late, absent, other: total - present - late - absent - unmarked, unmarked };
}

/** Return the tally of the students of some weeks. */
export function tallyOfWeeks(weeks) {
  const of = ({ marked, present, late, absent, unmarked }) => ({
    ...{ present, late, absent, unmarked },
    other: marked - present - late - absent,
  });
  return sumOf(weeks.map(of));
}

/** Return the sum of tallies. */
export function sumOf(tallies) {
  return Object.fromEntries(KINDS.map((kind) => [kind, tallies.reduce((sum, tally) => sum + tally[kind], 0)]));
}

/** Return the sum of each field over rows; a row may lack one. */
export function totalsOf(fields, rows) {
  return Object.fromEntries(fields.map((field) => [field, rows.reduce((sum, row) => sum + (row[field] ?? 0), 0)]));
}

export function markedIn(tally) {
  return MARKED.reduce((sum, kind) => sum + tally[kind], 0);
}

export function totalOf(tally) {
  return markedIn(tally) + tally.unmarked;
}

/** Return how many came, on time or late. */
export function attendedIn({ present, late }) {
  return present + late;
}

function wholePercent(part, whole) {
  return whole ? Math.round((part * HUNDRED_PERCENT) / whole) : null;
}

/** Return the attended share of what is marked, in whole percent; null: nothing is marked. */
export function attendedShareOf(tally) {
  return wholePercent(attendedIn(tally), markedIn(tally));
}

/** Return the share of what is marked that came on time, in whole percent; null: nothing is marked. */
export function onTimeShareOf(tally) {
  return wholePercent(tally.present, markedIn(tally));
}

/** Return the kinds to show: `other` only where it occurs. */
export function kindsIn(tally) {
  return KINDS.filter((kind) => kind !== "other" || tally.other > 0);
}

/** Return agreed as a share of decided in percent, rounded down to one decimal as the API does: 90 means 90 % at least. */
export function shareOf({ agreed, decided }) {
  return Math.floor((agreed * HUNDRED_PERCENT * ONE_DECIMAL) / decided) / ONE_DECIMAL;
}

/** Add up rows by the value of a field, in order of occurrence, as `{ name, agreed, decided }`. */
export function groupedBy(field, rows) {
  const groups = new Map();
  for (const row of rows) {
    const { agreed, decided } = groups.get(row[field]) ?? { agreed: 0, decided: 0 };
    groups.set(row[field], { name: row[field], agreed: agreed + row.agreed, decided: decided + row.decided });
  }
  return [...groups.values()];
}

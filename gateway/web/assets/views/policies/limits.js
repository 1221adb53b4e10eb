// The limits of a policy as a form shows them: which there are, in which unit, and what they are as numbers. Pure.

const SECONDS_PER_MINUTE = 60;

/** `factor`: how many of the API's units are one of those that people read. */
const UNITS = {
  minutes: SECONDS_PER_MINUTE,
  seconds: 1,
  percent: 1,
  points: 1,
  times: 1,
  days: 1,
};

/** The limits by what they are about, in the order of the form. */
export const GROUPS = {
  late: [
    { name: "late_from_seconds", unit: "minutes" },
    { name: "very_late_after_seconds", unit: "minutes" },
    { name: "very_late_absent_below_percent", unit: "percent" },
  ],
  absent: [
    { name: "absent_below_percent", unit: "percent" },
    { name: "clearly_absent_below_percent", unit: "percent" },
    { name: "cannot_know_above_percent", unit: "percent" },
  ],
  clear: [
    { name: "high_engagement_from_percent", unit: "percent" },
    { name: "medium_engagement_from_percent", unit: "percent" },
    { name: "short_window_below_seconds", unit: "minutes" },
    { name: "many_reconnects_from", unit: "times" },
    { name: "unobserved_above_percent", unit: "percent" },
    { name: "lateness_margin_seconds", unit: "seconds" },
    { name: "engagement_margin_points", unit: "points" },
  ],
  others: [
    { name: "no_show_after_seconds", unit: "minutes" },
    { name: "claim_within_days", unit: "days" },
    { name: "parent_word_becomes_claim", unit: null },
  ],
};

/** All limits in one list. */
export const LIMITS = Object.values(GROUPS).flat();

/** Return what a form shows for a limit of the API. */
export function shown({ unit }, value) {
  return unit === null ? Boolean(value) : value / UNITS[unit];
}

/** Return the API's value of what a form shows; null if it is no number. */
export function stated({ unit }, value) {
  if (unit === null) return Boolean(value);
  const number = Number(value);
  return value === "" || !Number.isFinite(number) ? null : Math.round(number * UNITS[unit]);
}

/** Return the limits in which two differ. */
export function differences(before, after) {
  return LIMITS.filter(({ name }) => before[name] !== after[name]);
}

/** Return the policy of exactly this scope (null: all courses) out of all, newest first; undefined: it has none of its own. */
export function ofScope(policies, course) {
  return policies.find((it) => it.in_force && (it.course_id ?? null) === course && !it.withdrawn && it.version > 0);
}

/** Return the version of the newest policy of exactly this scope, withdrawn or not, out of all, newest first; 0: none. */
export function newestOf(policies, course) {
  return policies.find((it) => (it.course_id ?? null) === course)?.version ?? 0;
}

/** Return the policy that applies to a scope, out of all, newest first: of the course, else of all courses. */
export function inForce(policies, course = null) {
  const ofAll = ofScope(policies, null) ?? policies.find(({ version }) => version === 0);
  return (course !== null && ofScope(policies, course)) || ofAll;
}

/** Return the sum of the pages of an evaluation, with the suggestions that would change. */
export function sumOf(pages) {
  const sum = (field) => pages.reduce((all, page) => all + page[field], 0);
  return {
    decisions: sum("decisions"),
    suggestions: sum("suggestions"),
    changed: sum("changed"),
    decided: sum("decided"),
    agreedBefore: sum("agreed_before"),
    agreedAfter: sum("agreed_after"),
    leftOut: pages.flatMap((page) => page.left_out).reduce((all, { decisions }) => all + decisions, 0),
    changes: pages.flatMap((page) => page.changed_suggestions),
  };
}

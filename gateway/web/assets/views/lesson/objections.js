// Whether what a parent says of a mark takes its place or objects to it, and until when one may object. Pure; the service
// decides (docs/decisions.md).

const DAY_MS = 86_400_000;
const NOT_MARKED = "system_default";
const PARENTS = "parent_reported";
const ADMINS = "admin_override";

/**
 * Return whether a parent's word is recorded at once, where this is the source of what is recorded: while nobody else has
 * decided; and where nobody may object, so that a tutor could not be asked, if the policy lets the word decide.
 */
export function isParentsToDecide({ word_rules: rules }, source = NOT_MARKED) {
  if (source === NOT_MARKED || source === PARENTS) return true;
  return source !== ADMINS && rules?.claim_within_days === 0 && !rules.parent_word_becomes_claim;
}

/** Return whether it is still time to object; `markedAt` is when the student was marked last, if they were. */
export function isTimeToObject({ scheduled_end: end, word_rules: rules }, markedAt, now = Date.now()) {
  const times = [end, markedAt].filter(Boolean).map((time) => Date.parse(time));
  if (!rules || !times.length) return true;
  return now < Math.max(...times) + rules.claim_within_days * DAY_MS;
}

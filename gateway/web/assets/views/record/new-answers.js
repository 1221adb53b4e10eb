// Answers to what a person objected to, until they have looked at them: at the top of the record.

import { button, element, icon } from "../../components.js";
import { text } from "../../localization.js";

const ANSWERS = new Set(["accepted", "declined"]);
/** Older answers are no news, whatever this browser knows. */
const NEWS_DAYS = 30;
const DAY_MS = 86_400_000;

/** Return the claims of a person (by session) that were answered lately and are not among those seen. */
export function unseenAnswers(claims, userId, seen, now = Date.now()) {
  return [...claims.values()].filter(
    ({ claim_id: id, raised_by: by, state, answered_at: at }) =>
      by === userId && ANSWERS.has(state) && !seen.includes(id) && now - Date.parse(at) < NEWS_DAYS * DAY_MS,
  );
}

function keyOf(userId) {
  return `seen-answers-${userId}`;
}

/** Return the ids of the answered claims that a person has looked at in this browser. */
export function seenBy(userId) {
  try {
    const known = JSON.parse(localStorage.getItem(keyOf(userId)));
    return Array.isArray(known) ? known : [];
  } catch {
    return [];
  }
}

/** Make the place: `{ element, show(claims) }`. `lead(claim)` leads to the lesson of an answer, and then it is seen. */
export function newAnswers(userId, lead) {
  const place = element("div", { class: "answers", hidden: true });
  let claims = new Map();

  function look(claim) {
    try {
      localStorage.setItem(keyOf(userId), JSON.stringify([...seenBy(userId), claim.claim_id]));
    } catch {
      // A full or closed store: it is news again at the next visit.
    }
    lead(claim);
  }

  function show(newer) {
    claims = newer;
    const unseen = unseenAnswers(claims, userId, seenBy(userId));
    place.hidden = unseen.length === 0;
    const label = text("record.answers", { count: unseen.length });
    place.replaceChildren(...(unseen.length ? [button([icon("claim"), label], () => look(unseen[0]))] : []));
  }

  return { element: place, show };
}

// What else there is about a lesson: announced absences, claims, and the history of decisions.

import { absencesSection } from "./absences.js";
import { claimsSection } from "./claims.js";
import { historySection } from "./history.js";

/**
 * Make the parts, as `{ before, after, othersOf }`: the elements that stand before and after the decision, and what
 * decision.js needs. See there for the rest.
 */
export function otherParts({ session, identity, allowed, frame }) {
  const history = historySection(session, frame.closed);
  const before = document.createDocumentFragment();
  const after = document.createDocumentFragment();
  return {
    before,
    after,
    othersOf({ attempt, onChanged }) {
      const absences = absencesSection({ frame, attempt, onChanged });
      const claims = claimsSection({ identity, frame, attempt, onChanged });
      before.append(absences.element);
      after.append(claims.element, history.element);
      return {
        show(newer) {
          if (allowed.isToCome) absences.show(newer, allowed.announces, identity);
          if (allowed.seesClaims) claims.show(newer, allowed.claims);
        },
        forget: () => history.forget(),
      };
    },
  };
}

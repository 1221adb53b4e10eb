// What is chosen about one person: a status and, where it may be, an excuse. What is recorded or suggested is chosen
// beforehand, and stays chosen as long as the person at the page chooses nothing else.

import { excuseField } from "./excuse-field.js";
import { statusChoice } from "./status-choice.js";

/**
 * Make it for `person` (people.js). `mayExcuse` is whether an absence may be excused, `prefers` whether what is suggested is
 * chosen beforehand. `onchange()` is called at each choice of a person.
 */
export function personChoice(person, label, { mayExcuse, prefers, isCompact = false, onchange }) {
  let shown = person;
  let isTouched = false;
  const excuse = excuseField(person.key, onchange);
  const status = statusChoice(
    person.key,
    label,
    () => {
      isTouched = true;
      offerExcuse();
      onchange();
    },
    { isCompact },
  );

  function offerExcuse() {
    excuse.offer(mayExcuse && (status.value() ?? shown.status) === "absent");
  }

  function preselect() {
    if (!isTouched) status.choose(shown.status ?? (prefers ? shown.suggested : null) ?? undefined);
    offerExcuse();
  }

  return {
    status,
    excuse,
    person: () => shown,
    isTouched: () => isTouched,
    isMissing: () => status.value() === undefined,
    /** Show what is recorded and suggested now; what a person chose stays. */
    show(newer) {
      shown = newer;
      status.suggest(prefers ? newer.suggested : null);
      excuse.show({ excused: newer.excused, reason: newer.excuseReason ?? "" });
      preselect();
    },
    choose(value) {
      isTouched = true;
      status.choose(value);
      status.showProblem("");
      offerExcuse();
    },
    reset() {
      isTouched = false;
      excuse.reset();
      status.showProblem("");
      preselect();
    },
    value: () => ({ person: shown, status: status.value(), excuse: excuse.change() }),
    draft: () => ({ status: isTouched ? status.value() : null, excuse: excuse.draft() }),
    restore(draft) {
      if (draft.status) this.choose(draft.status);
      if (draft.excuse) excuse.restore(draft.excuse);
      offerExcuse();
    },
  };
}

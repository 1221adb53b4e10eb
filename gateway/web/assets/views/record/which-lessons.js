// For which lessons a child's absence is announced: for one, or for all of its day or its week.

import { element } from "../../components.js";
import { firstDayOfWeek, weekOf } from "../../days.js";
import { language, number, text } from "../../localization.js";

/**
 * Return the lessons of which one may be announced with `session`, as `{ one, day, week }`: each a list with the session
 * itself, out of `coming`. Pure.
 */
export function lessonsLike(session, coming) {
  const { session_date: date } = session;
  const week = date ? weekOf(date, firstDayOfWeek(language)) : [];
  const those = (isOne) => [session, ...coming.filter((other) => other.id !== session.id && isOne(other.session_date))];
  return { one: [session], day: those((other) => other === date), week: those((other) => week.includes(other)) };
}

/** Make the choice, a field of form-dialog.js, whose value is the list of lessons; null where there is nothing to choose. */
export function whichLessons(session, coming) {
  const groups = Object.entries(lessonsLike(session, coming)).filter(
    ([, lessons], index, all) => index === 0 || lessons.length > all[index - 1][1].length,
  );
  if (groups.length === 1) return null;
  const radios = groups.map(([name], index) =>
    element("input", { type: "radio", name: "which", value: name, checked: index === 0 }),
  );
  const labels = groups.map(([name, { length }], index) =>
    element(
      "label",
      {},
      radios[index],
      element("span", {}, text(`record.form.which.${name}`, { count: length, number: number(length) })),
    ),
  );
  return {
    element: element(
      "fieldset",
      { class: "field which", role: "radiogroup" },
      element("legend", {}, text("record.form.which.label")),
      element("div", { class: "choice" }, labels),
    ),
    value: () => groups[radios.findIndex(({ checked }) => checked)][1],
    // Which lessons there are may have changed since: it begins with the one that was opened.
    restore: () => {},
    isGiven: () => true,
  };
}

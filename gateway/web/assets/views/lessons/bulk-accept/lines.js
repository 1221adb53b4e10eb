// Sessions as lines of a list: to choose from, left as they are, written.

import { element, isolated, statusChip } from "../../../components.js";
import { hasText, text } from "../../../localization.js";
import { learnersLabel, unseenContext, whenOf } from "../card.js";

function about(session) {
  return element(
    "span",
    { class: "about" },
    element("strong", {}, isolated(session.course_name)),
    " ",
    element("span", {}, whenOf(session)),
    " ",
    element("span", { class: "quiet" }, isolated(session.tutor_name), ", ", isolated(session.student_name)),
  );
}

function status(label, badge) {
  return [element("span", {}, isolated(label), badge), " "];
}

/** Of a class only students whose suggestion is clear are marked. */
function ofStudent({ name, status: suggested, applied }) {
  const label = text("lessons.apply.student", { name });
  const left = element("span", { class: "chip unmarked" }, text("lessons.apply.notSure"));
  return status(label, applied ? statusChip(suggested) : left);
}

function statuses({ session, tutor, student, students }) {
  return element(
    "span",
    { class: "statuses" },
    status(`${text("common.tutor")}: `, statusChip(tutor)),
    students.length ? students.flatMap(ofStudent) : status(`${learnersLabel(session)}: `, statusChip(student)),
  );
}

function link(session, word, linkTo) {
  return element("a", { href: linkTo(session.id) }, text(word), unseenContext(session));
}

function choiceLine(one, onChange) {
  const box = element("input", { type: "checkbox", onchange: () => onChange(box.checked) });
  return { line: element("li", {}, element("label", { class: "line" }, box, about(one.session), statuses(one))), box };
}

/** Make a line about a session that was written, with a link that opens it. */
export function writtenLine(one, linkTo) {
  return element(
    "li",
    { class: "line" },
    about(one.session),
    statuses(one),
    link(one.session, "lessons.apply.markAgain", linkTo),
  );
}

function reasonInWords({ reason, message }) {
  const key = `lessons.apply.reasons.${reason}`;
  return hasText(key) ? text(key) : message;
}

function group(items, linkTo) {
  const heading = text("lessons.apply.group", { reason: reasonInWords(items[0]), count: items.length });
  const lines = items.map(({ session }) =>
    element("li", { class: "line" }, about(session), link(session, "lessons.open", linkTo)),
  );
  return element("details", {}, element("summary", {}, heading), element("ul", { class: "lines" }, lines));
}

/** Make the part about sessions that are left as they are, by reason, the most frequent first; null if there are none. */
export function leftGroups(left, linkTo) {
  if (!left.length) return null;
  const groups = Object.values(Object.groupBy(left, ({ reason }) => reason));
  groups.sort((one, other) => other.length - one.length);
  return element(
    "section",
    {},
    element("h3", {}, text("lessons.apply.left", { count: left.length })),
    groups.map((items) => group(items, linkTo)),
  );
}

/**
 * Make the list of `suggested` (calls.js) to choose from. The set `leftOut` holds those that are not chosen; `onChange()`
 * is called after it has changed.
 */
export function choiceList(suggested, leftOut, onChange) {
  const all = element("input", { type: "checkbox", onchange: () => choose(suggested, all.checked) });
  const lines = suggested.map((one) => choiceLine(one, (chosen) => choose([one], chosen)));

  function showChosen() {
    const count = suggested.filter((one) => leftOut.has(one)).length;
    all.checked = count === 0;
    all.indeterminate = count > 0 && count < suggested.length;
    lines.forEach(({ box }, index) => {
      box.checked = !leftOut.has(suggested[index]);
    });
  }

  function choose(some, chosen) {
    for (const one of some) leftOut[chosen ? "delete" : "add"](one);
    showChosen();
    onChange();
  }

  showChosen();
  return element(
    "fieldset",
    {},
    element("legend", {}, text("lessons.apply.willBe", { count: suggested.length })),
    element("label", { class: "line all" }, all, text("lessons.apply.all")),
    element(
      "ul",
      { class: "lines" },
      lines.map(({ line }) => line),
    ),
  );
}

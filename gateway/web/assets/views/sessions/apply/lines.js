// Sessions as lines of a list: to choose from, left as they are, written.

import { statusBadge } from "../../../components/status-badge.js";
import { element } from "../../../elements.js";
import { hasText, text } from "../../../strings/index.js";
import { learnersWord, named, whenOf, whichOne } from "../card.js";

function about(session) {
  return element("span", { class: "about" },
    element("strong", {}, named(session.course_name)), " ",
    element("span", {}, whenOf(session)), " ",
    element("span", { class: "quiet" }, named(session.tutor_name), ", ", named(session.student_name)));
}

function statuses({ session, tutor, student }) {
  return element("span", { class: "statuses" },
    element("span", {}, `${text("common.tutor")}: `, statusBadge(tutor)), " ",
    element("span", {}, `${learnersWord(session)}: `, statusBadge(student)));
}

function link(session, word, linkTo) {
  return element("a", { href: linkTo(session.id) }, text(word), whichOne(session));
}

/** A line with a box; `onChange(checked)` is called when its check mark is taken or set. */
export function choiceLine(one, onChange) {
  const box = element("input", { type: "checkbox", onchange: () => onChange(box.checked) });
  return { line: element("li", {}, element("label", { class: "line" }, box, about(one.session), statuses(one))), box };
}

/** A line about what was written, with a link that opens the session. */
export function writtenLine(one, linkTo) {
  return element("li", { class: "line" }, about(one.session), statuses(one),
    link(one.session, "sessions.apply.markAgain", linkTo));
}

function sentence({ reason, message }) {
  const key = `sessions.apply.reasons.${reason}`;
  return hasText(key) ? text(key) : message;
}

function group(items, linkTo) {
  const heading = text("sessions.apply.group", { reason: sentence(items[0]), count: items.length });
  const lines = items.map(({ session }) => element("li", { class: "line" }, about(session),
    link(session, "sessions.open", linkTo)));
  return element("details", {}, element("summary", {}, heading), element("ul", { class: "lines" }, lines));
}

/** What is left as it is, grouped by why, the most frequent reason first; null if there is nothing. */
export function leftGroups(left, linkTo) {
  if (!left.length) return null;
  const groups = Object.values(Object.groupBy(left, ({ reason }) => reason));
  groups.sort((one, other) => other.length - one.length);
  return element("section", {}, element("h3", {}, text("sessions.apply.left", { count: left.length })),
    groups.map((items) => group(items, linkTo)));
}

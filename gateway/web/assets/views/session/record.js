// What is recorded about a session now.

import { NOT_MARKED, sourceLabel, statusBadge } from "../../components/status-badge.js";
import { element } from "../../elements.js";
import { moment } from "../../format.js";
import { text } from "../../strings/index.js";

function person(role, session) {
  const source = session[`${role}_attendance_source`];
  const badge = statusBadge(session[`${role}_attendance_status`], source);
  return [element("dt", {}, text(`common.${role}`)),
    element("dd", {}, badge, source === NOT_MARKED ? [] : [" · ", sourceLabel(source)])];
}

function row(name, value) {
  return value ? [element("dt", {}, text(`session.${name}`)), element("dd", { class: name }, value)] : [];
}

function rows(session) {
  const isMarked = session.attendance_source !== NOT_MARKED;
  return [
    person("tutor", session),
    person("student", session),
    row("notes", session.attendance_notes),
    row("recordedAt", isMarked && session.attendance_marked_at && moment(session.attendance_marked_at)),
  ].flat();
}

/** Make the section, to be filled by `show(session)`. */
export function recordSection() {
  const heading = element("h3", { tabindex: -1 }, text("session.record"));
  const list = element("dl", {});
  const changed = element("p", { class: "hint", hidden: true }, text("session.factsChanged"));
  return {
    element: element("section", { class: "recorded" }, heading, list, changed),
    focus: () => heading.focus(),
    show(session) {
      list.replaceChildren(...rows(session));
      changed.hidden = !session.facts_changed_since_decision;
    },
  };
}

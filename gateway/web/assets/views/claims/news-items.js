// Items of the list of what waits that are no claims: a mark that a parent changed, and an announced absence.

import { button, element, icon, isolated } from "../../components.js";
import { text } from "../../localization.js";
import { decide } from "../../writes.js";
import { factsLine } from "./facts-line.js";
import { detailsButton, labelled, lessonLine, notesBeside, reviewButton, saying } from "./item-parts.js";

function tookBack({ reported_by_name: name, status_before: before }) {
  const said = text("claims.tookBack", { name });
  return before ? `${said} ${text("claims.markedBefore", { status: text(`common.status.${before}`) })}` : said;
}

/** Make the item of a parent's word that stands in the place of a tutor's or admin's mark: kept, or changed back. */
export function parentsWordItem(
  { parents_word: word, happened_at: at, session },
  { attempt, call, signal, open, settle },
) {
  const { student_id: studentId, student_name: name, status_before: before, status_after: after } = word;
  const [staff, ...parents] = notesBeside(session, studentId);

  async function mark(status) {
    const body = { students: [{ student_id: studentId, status }], attendance_etag: session.attendance_etag };
    const stored = await attempt(
      () => decide(session, body),
      () => mark(status),
    );
    if (!stored) return;
    const shown = text(`common.status.${status}`);
    settle([element("p", {}, element("strong", {}, isolated(name)), ` ${text("claims.marked", { status: shown })}`)]);
  }

  const context = () => element("span", { class: "unseen" }, text("claims.about", { name }));
  const keep =
    after &&
    button([text("claims.keep", { status: text(`common.status.${after}`) }), context()], () => mark(after), {
      class: "primary",
    });
  const back =
    before &&
    button([text("claims.back", { status: text(`common.status.${before}`) }), context()], () => mark(before), {
      class: after ? "" : "primary",
    });
  const content = [
    element(
      "div",
      { class: "headline" },
      element("h3", {}, isolated(name)),
      after && [labelled("claims.parentSays", after), labelled("claims.before", before), detailsButton(session, open)],
    ),
    !after && element("p", {}, tookBack(word)),
    lessonLine(session),
    factsLine(session, studentId, { call, signal }),
    element(
      "div",
      { class: "sayings" },
      saying("", { name: word.reported_by_name, role: "parent", at }),
      staff,
      parents,
    ),
    element("div", { class: "actions" }, keep, back, !after && reviewButton(session, open)),
  ].filter(Boolean);

  async function look() {
    const { parent_changed_mark: waits } = await call(`/api/tutor/sessions/${session.id}`, { signal });
    return waits
      ? null
      : [element("p", {}, element("strong", {}, isolated(name)), ` ${text("claims.settledElsewhere")}`)];
  }

  return { content, look };
}

/** Make the item of an announced absence, which asks for nothing. */
export function absenceItem({ absence_notice: notice, happened_at: at, session }, { open }) {
  const content = [
    element(
      "div",
      { class: "headline" },
      icon("away"),
      element("h3", {}, isolated(notice.name)),
      element("span", { class: "quiet" }, text("claims.willNotCome")),
      detailsButton(session, open),
    ),
    lessonLine(session, { isTutorAway: notice.about_tutor }),
    element(
      "div",
      { class: "sayings" },
      saying(notice.reason, { name: notice.announced_by_name, role: notice.announced_by_role, at }),
    ),
  ];
  return { content };
}

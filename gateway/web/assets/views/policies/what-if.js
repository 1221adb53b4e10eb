// What other limits would have suggested for past decisions.

import { call } from "../../api.js";
import { chip, element } from "../../components.js";
import { day, number, text } from "../../localization.js";
import { table, tile } from "../reports/figures.js";
import { sumOf } from "./limits.js";

/** The most that one call judges; and how many calls at most, so that nobody waits for minutes. */
const PAGE_SIZE = 200;
const MAX_PAGES = 10;
const PATH = "/api/admin/attendance-policies:evaluate";

/** Judge past decisions from the day `first` on (empty: all) by `limits`, newest first; `onPage(count)` is told how many decisions were judged so far. */
export async function evaluate({ limits, course_id: course }, { first, signal, onPage }) {
  const pages = [];
  let token = "";
  do {
    const scope = { date_from: first, ...(course && { course_id: course }) };
    const body = { limits, page_size: PAGE_SIZE, page_token: token, ...scope };
    const page = await call(PATH, { method: "POST", body, signal });
    pages.push(page);
    token = page.next_page_token;
    onPage(pages.reduce((all, { decisions }) => all + decisions, 0));
  } while (token && pages.length < MAX_PAGES);
  return { ...sumOf(pages), isWhole: !token };
}

function judgedChip(status, confidence) {
  const label = text("policies.judged", {
    status: text(`common.status.${status}`),
    confidence: text(`common.confidence.${confidence}`),
  });
  return chip(status, label, { suggested: true });
}

function changesTable(changes) {
  const lesson = ({ session_id: id, session_date: date }) =>
    element("a", { href: `#/lessons/${id}` }, date ? day(date) : text("policies.lessonOf", { number: id }));
  const columns = [
    { label: text("policies.whatIf.lesson"), type: "name", value: lesson },
    {
      label: text("policies.whatIf.person"),
      type: "text",
      value: ({ name, role }) => name || text(`common.role.${role}`),
    },
    {
      label: text("policies.whatIf.before"),
      type: "text",
      value: (it) => judgedChip(it.status_before, it.confidence_before),
    },
    {
      label: text("policies.whatIf.after"),
      type: "text",
      value: (it) => judgedChip(it.status_after, it.confidence_after),
    },
    {
      label: text("policies.whatIf.decided"),
      type: "text",
      value: ({ decided }) => (decided ? chip(decided, text(`common.status.${decided}`, { status: decided })) : "–"),
    },
  ];
  return table({ caption: text("policies.whatIf.caption"), columns, rows: changes });
}

function agreement({ agreedBefore, agreedAfter, decided }) {
  const values = { before: number(agreedBefore), after: number(agreedAfter), count: decided };
  return tile(
    text("policies.whatIf.agreement"),
    text("policies.whatIf.agreed", values),
    text("policies.whatIf.agreedOf", values),
  );
}

/** Say which decisions were judged: of which days, whether these are all of them, and how many could not be. */
function scopeInWords({ decisions, leftOut, isWhole }, since) {
  const days = since ? text("policies.whatIf.judgedSince", { day: since }) : text("policies.whatIf.judgedAll");
  return [
    text("policies.whatIf.judged", { count: decisions, number: number(decisions), days }),
    !isWhole && text("policies.whatIf.latest"),
    leftOut > 0 && text("policies.whatIf.leftOut", { count: leftOut, number: number(leftOut) }),
  ]
    .filter(Boolean)
    .join(" ");
}

/**
 * Make what an evaluation found: what was judged, in a sentence, in numbers, and each suggestion that would change.
 * `since` is the first day as it is written; empty: all days.
 */
export function outcomeOf(evaluation, since) {
  const { suggestions, decisions, changed, changes } = evaluation;
  if (!decisions) return element("p", {}, text("policies.whatIf.nothing"));
  const summary = text(changed ? "policies.whatIf.changed" : "policies.whatIf.unchanged", {
    changed: number(changed),
    suggestions: number(suggestions),
    count: decisions,
  });
  return element(
    "div",
    { class: "rows" },
    element("p", { class: "quiet" }, scopeInWords(evaluation, since)),
    element(
      "div",
      { class: "tiles" },
      tile(
        text("policies.whatIf.title"),
        text("policies.whatIf.changedOf", { changed: number(changed), suggestions: number(suggestions) }),
        summary,
      ),
      agreement(evaluation),
    ),
    changed > 0 && changesTable(changes),
  );
}

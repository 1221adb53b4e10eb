// Every decision about a session: who, when, from what to what, on what evidence. Loaded when it is opened.

import { NOT_MARKED, sourceLabel, statusBadge } from "../../components/status-badge.js";
import { button, element } from "../../elements.js";
import { moment } from "../../format.js";
import { text } from "../../strings/index.js";
import { evidenceOf } from "./evidence.js";
import { readHistory } from "./saving.js";

const PAGE_SIZE = 10;
const PEOPLE = ["tutor", "student"];

/**
 * What was known of somebody before a decision. The row's own word means nothing while nobody has decided on that
 * person: that is so if no older decision did, and nobody had marked the session before the first of them.
 */
function before(person, decision, older, isComplete) {
  const earlier = older.find((each) => each[`${person}_status_after`]);
  if (earlier) return statusBadge(earlier[`${person}_status_after`]);
  const first = older.at(-1) ?? decision;
  const wasUnmarked = isComplete && first.source_before === NOT_MARKED;
  return statusBadge(decision[`${person}_status_before`], wasUnmarked ? NOT_MARKED : "");
}

function change(person, decision, older, isComplete) {
  const after = decision[`${person}_status_after`];
  if (!after) return [];
  return [element("dt", {}, text(`common.${person}`)),
    element("dd", {}, before(person, decision, older, isComplete),
      element("span", { class: "unseen" }, text("session.became")),
      element("span", { "aria-hidden": "true" }, " → "), statusBadge(after))];
}

function notes(decision) {
  if (decision.notes === undefined) return [];
  return [element("dt", {}, text("session.notes")),
    element("dd", { class: "notes" }, decision.notes || text("session.notesCleared"))];
}

function item(decision, older, isComplete) {
  const role = text(`common.role.${decision.decided_by_role}`);
  return element("li", {},
    element("p", {}, element("strong", {}, decision.decided_by_name), text("session.inRole", { role }), " · ",
      element("time", { datetime: decision.decided_at }, moment(decision.decided_at)), " · ",
      sourceLabel(decision.source)),
    element("dl", {}, PEOPLE.map((person) => change(person, decision, older, isComplete)).flat(), notes(decision)),
    evidenceOf(decision));
}

/** Make the part; `forget()` after a decision: it is loaded anew when it is opened next. */
export function historyPart(sessionId, signal) {
  const list = element("ol", { class: "decisions" });
  const place = element("p", { role: "status" });
  const more = button(text("common.more"), () => load(), { hidden: true });
  const details = element("details", { class: "history" },
    element("summary", {}, text("session.history")), list, place, more);
  let decisions = [];
  let pageToken = "";
  let isLoaded = false;

  function show() {
    const known = list.children.length;
    list.replaceChildren(...decisions.map((decision, index) => item(decision, decisions.slice(index + 1), !pageToken)));
    more.hidden = !pageToken;
    place.replaceChildren(decisions.length ? "" : text("session.noDecisions"));
    // The button may just have gone.
    if (known && more.hidden) Object.assign(list.children[known], { tabIndex: -1 }).focus();
  }

  async function load() {
    place.replaceChildren(text("session.loading"));
    try {
      const page = await readHistory(sessionId, { size: PAGE_SIZE, pageToken, signal });
      decisions = [...decisions, ...page.decisions];
      pageToken = page.next_page_token;
      isLoaded = true;
      show();
    } catch (problem) {
      if (!signal.aborted) place.replaceChildren(problem.message, " ", button(text("common.retry"), load));
    }
  }

  function open() {
    if (details.open && !isLoaded) load();
  }

  details.addEventListener("toggle", open);
  return {
    element: details,
    forget() {
      [decisions, pageToken, isLoaded] = [[], "", false];
      list.replaceChildren();
      open();
    },
  };
}

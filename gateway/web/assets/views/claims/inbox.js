// What waits for the person signed in, or is new to them: claims, parents' words, announced absences.

import { call } from "../../api.js";
import { button, element, isolated } from "../../components.js";
import { dateTime, text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { ask } from "../lesson/question.js";
import { whenOf } from "../lessons/when.js";
import { claimButtons, claimInWords, MAX_CLAIMS } from "./claim.js";

const PAGE_SIZE = 20;

function sessionLink(session) {
  return element("a", { href: `#/lessons/${session.id}` }, isolated(session.course_name), ", ", whenOf(session));
}

function parentsWord({ parents_word: word, happened_at: at }) {
  const before = text(`common.status.${word.status_before ?? "unmarked"}`);
  const words = { name: word.reported_by_name, student: word.student_name, before, at: dateTime(at) };
  if (!word.status_after) return element("p", {}, text("claims.parentWithdrew", words));
  const after = text(`common.status.${word.status_after}`);
  return element("p", {}, text("claims.parentsWord", { ...words, after }));
}

function absence({ absence_notice: notice, happened_at: at }) {
  const words = { name: notice.name, reason: notice.reason, by: notice.announced_by_name, at: dateTime(at) };
  return element("p", {}, text("claims.absence", words));
}

function contentOf(item) {
  if (item.claim) return claimInWords(item.claim);
  if (item.parents_word) return [parentsWord(item)];
  return item.absence_notice ? [absence(item)] : [];
}

/** Show the inbox. The window gets an event, `inboxchange`, after something was answered. */
export async function show({ main, notice, identity, signal }) {
  const list = element("ul", { class: "inbox", "aria-busy": "true" });
  const said = element("p", { class: "quiet", role: "status" }, text("shell.loading"));
  const more = button(text("common.more"), load, { hidden: true });
  const title = element("h1", { tabindex: -1 }, text("shell.pages.inbox"));
  const pages = new PagedList({
    readPage: (pageToken) => call("/api/inbox", { query: { page_size: PAGE_SIZE, page_token: pageToken }, signal }),
    rowsOf: ({ items }) => items,
  });
  main.replaceChildren(title, element("p", { class: "quiet" }, text("claims.inbox")), list, said, more);

  async function attempt(work, again) {
    try {
      return await work();
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, again);
      return null;
    }
  }

  /** Read a claim again; null if that fails: then what is shown stays, with the message that it is out of date. */
  async function readClaim({ claim_id: id, session_id: sessionId }) {
    try {
      const query = { session_id: sessionId, page_size: MAX_CLAIMS };
      const { claims } = await call("/api/claims", { query, signal });
      return claims.find(({ claim_id: other }) => other === id) ?? null;
    } catch {
      return null;
    }
  }

  function itemOf(item) {
    const showAnswered = (claim) => {
      const link = element("p", {}, sessionLink(item.session));
      const answered = element("li", { class: "card", tabindex: -1 }, link, claimInWords(claim));
      line.replaceWith(answered);
      answered.focus({ preventScroll: true });
      dispatchEvent(new Event("inboxchange"));
    };
    const options = {
      ask: (question) => ask(main, question),
      attempt,
      onAnswered({ claim }) {
        showAnswered(claim);
        notice.say(text("claims.saved.answered"));
      },
      async onOutdated() {
        const claim = await readClaim(item.claim);
        if (claim && !signal.aborted) showAnswered(claim);
      },
    };
    const buttons = item.claim ? claimButtons(item.claim, identity, options) : [];
    const line = element(
      "li",
      { class: "card" },
      element("p", {}, sessionLink(item.session)),
      contentOf(item),
      buttons.length > 0 && element("div", { class: "actions" }, buttons),
    );
    return line;
  }

  async function load() {
    const items = await attempt(() => pages.next(signal), load);
    if (!items) return;
    list.removeAttribute("aria-busy");
    list.append(...items.map(itemOf));
    more.hidden = !pages.hasMore;
    said.textContent = list.children.length ? "" : text("claims.nothing");
  }

  await load();
}

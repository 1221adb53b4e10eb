// Every decision about a session, newest first. Loaded when it is opened, as is the way to show them.

import { ApiProblem } from "../../api.js";
import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { readHistory } from "./saving.js";

const PAGE_SIZE = 10;

/** A script that can't be loaded has nothing to say to people. */
function sentence(problem) {
  return problem instanceof ApiProblem ? problem.message : text("problems.offline");
}

/** Make the part; `forget()` after a decision: it is loaded anew when it is opened next. */
export function historyPart(sessionId, signal) {
  const list = element("ol", { class: "decisions" });
  const place = element("p", { role: "status" });
  const more = button(text("common.more"), () => load(), { hidden: true });
  const details = element("details", { class: "history" },
    element("summary", {}, text("session.history")), list, place, more);
  let decisionItem = null;
  let decisions = [];
  let pageToken = "";
  let isLoaded = false;

  function show() {
    const known = list.children.length;
    list.replaceChildren(...decisions.map((decision, index) =>
      decisionItem(decision, decisions.slice(index + 1), !pageToken)));
    more.hidden = !pageToken;
    place.replaceChildren(decisions.length ? "" : text("session.noDecisions"));
    // The button may just have gone.
    if (known && more.hidden) Object.assign(list.children[known], { tabIndex: -1 }).focus();
  }

  async function load() {
    place.replaceChildren(text("session.loading"));
    try {
      const [page, shown] = await Promise.all([
        readHistory(sessionId, { size: PAGE_SIZE, pageToken, signal }),
        import("./past-decision.js"),
      ]);
      decisionItem = shown.decisionItem;
      decisions = [...decisions, ...page.decisions];
      pageToken = page.next_page_token;
      isLoaded = true;
      show();
    } catch (problem) {
      if (!signal.aborted) place.replaceChildren(sentence(problem), " ", button(text("common.retry"), load));
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

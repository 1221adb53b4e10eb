// The whiteboard's page without a session in its address: what to do, and the lessons that can be joined now.

import { element } from "../components.js";
import { showLiveNow } from "../live.js";
import { text } from "../localization.js";

/** Show what to do, and the live lessons of the person signed in (null: nobody is). */
export async function showChoice(main, own) {
  const live = element("div", { hidden: true });
  const none = element("p", {}, text(own ? "whiteboard.noneLive" : "whiteboard.signedOut"));
  main.replaceChildren(
    element("h1", {}, text("whiteboard.choose")),
    element("p", { class: "quiet" }, text("whiteboard.chooseHow")),
    live,
    none,
    element("p", {}, element("a", { class: "button", href: "/" }, text("whiteboard.toLessons"))),
  );
  if (!own) return;
  // A lesson may begin while the page is open.
  const follow = new MutationObserver(() => {
    none.hidden = !live.hidden;
  });
  follow.observe(live, { attributes: true, attributeFilter: ["hidden"] });
  await showLiveNow(live, { identity: own, signal: new AbortController().signal });
}

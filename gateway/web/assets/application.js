// The application: who is signed in, which page the address names, and the view that shows it.

import { button, element, notices } from "./components.js";
import { demoChooser, freshToken } from "./demo-chooser.js";
import { identity, isSame, onSignIn, renewFrom, signIn, token } from "./identity.js";
import { countInbox, forgetInbox, inboxBadge } from "./inbox-badge.js";
import { text, translate } from "./localization.js";
import { preferences } from "./preferences.js";
import { entriesOf, resolve, routesOf } from "./routes.js";
import { show as showLessons } from "./views/lessons/page.js";

/** How each page is loaded. Only the one that most people see first is loaded at once. */
const VIEWS = {
  lessons: async () => showLessons,
  record: async () => (await import("./views/record/record.js")).show,
  children: async () => (await import("./views/record/children.js")).show,
  inbox: async () => (await import("./views/claims/inbox.js")).show,
  rates: async () => (await import("./views/reports/tutors.js")).showRates,
  engagement: async () => (await import("./views/reports/tutors.js")).showEngagement,
  students: async () => (await import("./views/reports/students.js")).show,
  outcomes: async () => (await import("./views/reports/outcomes.js")).show,
  accuracy: async () => (await import("./views/reports/suggestion-accuracy.js")).show,
};
const main = document.getElementById("main");
const navigation = document.getElementById("pages");
const notice = notices();
let visit = new AbortController();
let shown = null;
/** The identity that the page was last shown to. */
let own = null;

/** A link is marked as the present page, or as leading to others of the present section. */
function showNavigation(role, current) {
  navigation.replaceChildren(
    ...entriesOf(role).map(({ page, section, path }) => {
      const isPresent = section ? section === current?.section : page === current?.page;
      const label = text(`shell.pages.${section ?? page}`);
      const link = { href: `#${path}`, "aria-current": isPresent && (section ? "true" : "page") };
      return element("li", {}, element("a", link, label, page === "inbox" && [" ", inboxBadge()]));
    }),
  );
}

function showSentence(sentence, action = null) {
  shown = null;
  main.replaceChildren(element("p", {}, sentence), ...(action ? [action] : []));
  document.body.removeAttribute("aria-busy");
}

function isReachable() {
  return fetch("/", { method: "HEAD" }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Loading fails where a newer release no longer has the file at its old path, or while the server can't be reached. */
async function loadView({ page }) {
  try {
    return await VIEWS[page]();
  } catch {
    const reload = button(text("shell.reload"), () => location.reload());
    if (await isReachable()) showSentence(text("shell.renewed"), reload);
    else showSentence(text("problems.offline"), button(text("common.retry"), go));
    return null;
  }
}

function leave() {
  visit.abort();
  visit = new AbortController();
  notice.clear();
}

/**
 * Show the view of the present address. The `show` of a view that stays, with another query or parameters, is called
 * again with `again` set: it decides by itself what changes.
 */
async function go() {
  leave();
  own = identity();
  const { route, parameters, query } = resolve(location.hash, own?.role);
  showNavigation(own?.role, route);
  document.title = route ? text("shell.titleOf", { page: text(`shell.pages.${route.page}`) }) : text("shell.title");
  if (!own) return showSentence(text("shell.signedOut"));
  if (!routesOf(own.role).length) return showSentence(text("shell.noPages"));
  if (!route) return showSentence(text("shell.noSuchPage"), element("a", { href: "#/" }, text("shell.toTheStart")));
  if (routesOf(own.role).some(({ page }) => page === "inbox")) countInbox();
  const { signal } = visit;
  const show = await loadView(route);
  if (!show || signal.aborted) return undefined;
  const again = shown === route;
  shown = route;
  const showing = show({ main, notice, identity: own, parameters, query, signal, again });
  document.body.removeAttribute("aria-busy");
  await showing;
  if (!again && document.activeElement === document.body) main.querySelector("h1")?.focus();
  return undefined;
}

/** Nothing that was shown to another person stays, not even while the next page loads. */
function startOver() {
  leave();
  shown = null;
  forgetInbox();
  main.replaceChildren();
  if (["", "#/"].includes(location.hash)) go();
  else location.hash = "#/";
}

translate(document);
document.querySelector("footer").append(preferences());
document.getElementById("notices").append(notice.element);
const chooser = await demoChooser({ signedIn: token(), signIn, onChosen: startOver });
if (chooser) {
  document.getElementById("signed-in").append(chooser);
  renewFrom(freshToken);
}
addEventListener("hashchange", go);
addEventListener("inboxchange", countInbox);
// A newer token of the same person changes nothing: what was typed stays, and trying again works.
onSignIn(() => {
  if (!isSame(identity(), own)) startOver();
});
await go();

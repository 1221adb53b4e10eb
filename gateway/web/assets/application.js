// The application: who is signed in, which page the address names, and the view that shows it.

import { accountMenu } from "./account.js";
import { onChange } from "./changes.js";
import { button, element, notices } from "./components.js";
import { demoChooser, demoName, freshToken } from "./demo-chooser.js";
import { identity, isSame, nameInToken, onSignIn, renewFrom, signIn, token } from "./identity.js";
import { lazy, lazyView, loadWhenIdle, partCount, takeFailure } from "./loading.js";
import { list, text, translate } from "./localization.js";
import { forgetCounts, setCount, showNavigation } from "./navigation.js";
import { preferences } from "./preferences.js";
import { entriesOf, resolve, rolesOf, routesOf } from "./routes.js";
import { headerSearch } from "./search.js";
import { signInLink } from "./sign-in.js";
import { tellUnknownAccount } from "./unknown-account.js";
import { show as showToMark } from "./views/to-mark/page.js";

const loadToMarkCount = () => import("./to-mark-count.js");
const loadCount = () => import("./waiting-count.js");
const firstView = partCount();
const lessons = lazy(() => import("./views/lessons/page.js"), "lessons", "filters");
const week = lazyView(() => import("./views/week/page.js"), "week");
const record = lazyView(() => import("./views/record/page.js"), "record");
const children = lazyView(() => import("./views/record/children.js"), "record");
const claims = lazyView(() => import("./views/claims/page.js"), "claims");
const summary = lazyView(() => import("./views/reports/summary.js"), "reports");
const tutors = lazyView(() => import("./views/reports/tutors.js"), "reports");
const students = lazyView(() => import("./views/reports/students.js"), "reports");
const outcomes = lazyView(() => import("./views/reports/outcomes.js"), "reports");
const atRisk = lazyView(() => import("./views/reports/at-risk.js"), "reports");
const policies = lazyView(() => import("./views/policies/page.js"), "reports", "policies");
const agreement = lazyView(() => import("./views/reports/agreement.js"), "reports");
/** How each page is loaded. Only the one that most people see first is loaded at once. */
const VIEWS = {
  toMark: async () => showToMark,
  lessons: async () => (await lessons()).show,
  week: async () => (await week()).show,
  record: async () => (await record()).show,
  children: async () => (await children()).show,
  claims: async () => (await claims()).show,
  summary: async () => (await summary()).show,
  tutors: async () => (await tutors()).show,
  students: async () => (await students()).show,
  outcomes: async () => (await outcomes()).show,
  atRisk: async () => (await atRisk()).show,
  policies: async () => (await policies()).show,
  agreement: async () => (await agreement()).show,
};
const firstPart = partCount();
/** Pages that have a search of their own, so the header needs none. */
const WITH_SEARCH = new Set(["lessons"]);
const main = document.getElementById("main");
const notice = notices();
let visit = new AbortController();
/** Lasts as long as one view is shown, whatever its parameters. */
let view = new AbortController();
let shown = null;
/** The identity that the page was last shown to. */
let own = null;
/** Lasts as long as one person is signed in. */
let signedIn = new AbortController();

function leaveView() {
  shown = null;
  view.abort();
  view = new AbortController();
}

function showSentence(sentence, action = null) {
  leaveView();
  main.replaceChildren(element("div", { class: "only" }, element("p", {}, sentence), action));
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

function showFrame(route) {
  showNavigation(own?.role, route, (page) => VIEWS[page]);
  account.show(own, demoName(own) || nameInToken());
  const searches = routesOf(own?.role).some(({ page }) => WITH_SEARCH.has(page)) && !WITH_SEARCH.has(route?.page);
  document.getElementById("search").replaceChildren(...(searches ? [search] : []));
}

/** Say whose page it is, if it is another role's. */
function noSuchPage() {
  const roles = rolesOf(location.hash);
  if (!roles.length) return text("shell.noSuchPage");
  return text("shell.otherRole", {
    roles: list(roles.map((role) => text(`shell.roles.${role}`))),
    own: text(`shell.asRole.${own.role}`),
  });
}

function count() {
  const pages = new Set(routesOf(own?.role).map(({ page }) => page));
  const present = resolve(location.hash, own?.role).route?.page;
  // The pages of claims and of lessons to mark count these themselves.
  if (own?.role === "admin" && present !== "claims")
    loadCount().then(
      (count) => count.countWaiting((found) => setCount("claims", found)),
      () => {},
    );
  if (pages.has("toMark") && present !== "toMark")
    loadToMarkCount().then(
      ({ countToMark }) => countToMark((found) => setCount("toMark", found)),
      () => {},
    );
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
  showFrame(route);
  document.title = route ? text("shell.titleOf", { page: text(`shell.pages.${route.page}`) }) : text("shell.title");
  if (!own) return showSentence(text("shell.signedOut"), signInLink());
  count();
  if (!routesOf(own.role).length) return showSentence(text("shell.noPages"));
  if (!route)
    return showSentence(noSuchPage(), element("a", { class: "button primary", href: "#/" }, text("shell.toTheStart")));
  const { signal } = visit;
  if (shown !== route) {
    leaveView();
    main.setAttribute("aria-busy", "true");
  }
  const show = await loadView(route);
  if (signal.aborted) return undefined;
  main.removeAttribute("aria-busy");
  if (!show) return undefined;
  const again = shown === route;
  shown = route;
  const showing = show({ main, notice, identity: own, parameters, query, signal, viewSignal: view.signal, again });
  document.body.removeAttribute("aria-busy");
  await showing;
  if (!again && document.activeElement === document.body) main.querySelector("h1")?.focus();
  return undefined;
}

function tellIfUnknown() {
  if (identity()) tellUnknownAccount(main, signedIn.signal);
}

/** Nothing that was shown to another person stays, not even while the next page loads. */
function startOver() {
  leave();
  signedIn.abort();
  signedIn = new AbortController();
  tellIfUnknown();
  leaveView();
  forgetCounts();
  main.replaceChildren();
  if (["", "#/"].includes(location.hash)) go();
  else location.hash = "#/";
}

translate(document);
document.getElementById("notices").append(notice.element);
const chooser = await demoChooser({ signedIn: token(), signIn, onChosen: startOver });
if (chooser) renewFrom(freshToken);
const account = accountMenu({ parts: [chooser, preferences()], onSignOut: chooser ? null : startOver });
document.getElementById("signed-in").append(account.element);
const search = headerSearch();
addEventListener("hashchange", go);
onChange(count);
// A link to the present address changes nothing, unless what it leads to could not be loaded before.
addEventListener("click", ({ target }) => {
  const link = target instanceof Element && target.closest("a[href^='#']");
  if (link && link.hash === location.hash && takeFailure()) go();
});
// A newer token of the same person changes nothing: what was typed stays, and trying again works.
onSignIn(() => {
  if (!isSame(identity(), own)) startOver();
});
await go();
tellIfUnknown();
loadWhenIdle(
  entriesOf(own?.role).map(({ page }) => VIEWS[page]),
  (index) => index < firstView || index >= firstPart,
);

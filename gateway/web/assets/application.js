// The application: who is signed in, where they are, and the view that shows it.

import { demoChooser, freshToken } from "./components/demo-chooser.js";
import { notices } from "./components/notice.js";
import { button, element } from "./elements.js";
import { identity, isSame, onSignIn, renewFrom, signIn, token } from "./identity.js";
import { entriesOf, pagesOf, resolve } from "./routes.js";
import { text, translate } from "./strings/index.js";

const main = document.getElementById("main");
const pages = document.getElementById("pages");
const notice = notices();
let visit = new AbortController();
let shown = null;
/** Whose page this is. */
let own = null;

/** A link is the present page, or leads to others of the present section. */
function showPages(role, current) {
  pages.replaceChildren(...entriesOf(role).map(({ page, section, path }) => {
    const isPresent = section ? section === current?.section : page === current?.page;
    const label = text(`shell.pages.${section ?? page}`);
    return element("li", {},
      element("a", { href: `#${path}`, "aria-current": isPresent && (section ? "true" : "page") }, label));
  }));
}

function showNothing(sentence, action = null) {
  shown = null;
  main.replaceChildren(element("p", {}, sentence), ...(action ? [action] : []));
  document.body.removeAttribute("aria-busy");
}

function isReachable() {
  return fetch("/", { method: "HEAD" }).then(({ ok }) => ok, () => false);
}

/** Views that are loaded later lie at a path that a newer release no longer has; or nothing can be loaded at present. */
async function loaded(route) {
  try {
    return await route.load();
  } catch {
    if (await isReachable()) showNothing(text("shell.renewed"), button(text("shell.reload"), () => location.reload()));
    else showNothing(text("problems.offline"), button(text("common.retry"), go));
    return null;
  }
}

function leave() {
  visit.abort();
  visit = new AbortController();
  notice.clear();
}

/**
 * Show the view of the present address. A view that stays, with another query or parameters, decides by itself what
 * changes: its `show` is called again, with `again` set.
 */
async function go() {
  leave();
  own = identity();
  const { route, parameters, query } = resolve(location.hash, own?.role);
  showPages(own?.role, route);
  document.title = route ? text("shell.titleOf", { page: text(`shell.pages.${route.page}`) }) : text("shell.title");
  if (!own) return showNothing(text("shell.signedOut"));
  if (!pagesOf(own.role).length) return showNothing(text("shell.noPages"));
  if (!route) return showNothing(text("shell.noSuchPage"), element("a", { href: "#/" }, text("shell.toTheStart")));
  const { signal } = visit;
  const view = await loaded(route);
  if (!view || signal.aborted) return undefined;
  const again = shown === route;
  shown = route;
  const showing = view.show({ main, notice, identity: own, parameters, query, signal, again });
  document.body.removeAttribute("aria-busy");
  await showing;
  if (!again && document.activeElement === document.body) main.querySelector("h1")?.focus();
  return undefined;
}

/** Nothing of whoever was signed in before stays, not even while the next page loads. */
function goAsSomebodyElse() {
  leave();
  shown = null;
  main.replaceChildren();
  if (["", "#/"].includes(location.hash)) go();
  else location.hash = "#/";
}

translate(document);
document.getElementById("notices").append(notice.element);
const chooser = await demoChooser({ signedIn: token(), signIn, onChosen: goAsSomebodyElse });
if (chooser) {
  document.getElementById("signed-in").append(chooser);
  renewFrom(freshToken);
}
addEventListener("hashchange", go);
// The same person anew changes nothing: what they typed stays, and trying again works.
onSignIn(() => { if (!isSame(identity(), own)) goAsSomebodyElse(); });
await go();

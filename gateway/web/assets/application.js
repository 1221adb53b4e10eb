// The application: who is signed in, where they are, and the view that shows it.

import { demoChooser } from "./components/demo-chooser.js";
import { notices } from "./components/notice.js";
import { button, element } from "./elements.js";
import { identity, onSignIn } from "./identity.js";
import { pagesOf, resolve } from "./routes.js";
import { text, translate } from "./strings/index.js";

const main = document.getElementById("main");
const pages = document.getElementById("pages");
const notice = notices();
let visit = new AbortController();
let shown = null;

function showPages(role, current) {
  pages.replaceChildren(...pagesOf(role).map(({ page, path }) => element("li", {},
    element("a", { href: `#${path}`, "aria-current": page === current && "page" }, text(`shell.pages.${page}`)))));
}

function showNothing(sentence, action = null) {
  main.replaceChildren(element("p", {}, sentence), ...(action ? [action] : []));
}

/** Views that are loaded later lie at a path that a newer release no longer has. */
async function loaded(route) {
  try {
    return await route.load();
  } catch {
    showNothing(text("shell.renewed"), button(text("shell.reload"), () => location.reload()));
    return null;
  }
}

/**
 * Show the view of the present address. A view that stays, with another query or parameters, decides by itself what
 * changes: its `show` is called again, with `again` set.
 */
async function go() {
  const own = identity();
  notice.clear();
  if (!own) return showNothing(text("shell.signedOut"));
  const { route, parameters, query } = resolve(location.hash, own.role);
  showPages(own.role, route?.page);
  if (!route) return showNothing(text("shell.noSuchPage"), element("a", { href: "#/" }, text("shell.toTheStart")));
  document.title = text("shell.titleOf", { page: text(`shell.pages.${route.page}`) });
  visit.abort();
  visit = new AbortController();
  const { signal } = visit;
  const view = await loaded(route);
  if (!view || signal.aborted) return undefined;
  const again = shown === route;
  shown = route;
  await view.show({ main, notice, identity: own, parameters, query, signal, again });
  if (!again && document.activeElement === document.body) main.querySelector("h1")?.focus();
  return undefined;
}

function goAnew() {
  shown = null;
  return go();
}

translate(document);
document.getElementById("notices").append(notice.element);
const chooser = await demoChooser(() => { location.hash = "#/"; goAnew(); });
if (chooser) document.getElementById("signed-in").append(chooser);
addEventListener("hashchange", go);
onSignIn(() => { if (!main.querySelector("dialog[open]")) goAnew(); });
await go();

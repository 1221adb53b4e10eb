// What all reports share: the way from one to another, the days, the CSV, and the place where the rows are shown.

import { download } from "../../api.js";
import { fills } from "../../components/chart-fills.js";
import { button, element } from "../../elements.js";
import { address, pagesOf } from "../../routes.js";
import { text } from "../../strings/index.js";
import { period, rangeInName, rangeOf } from "./calendar.js";
import { Pages } from "./pages.js";
import { rangeForm } from "./range-form.js";
import { reading } from "./reading.js";

const timeZone = document.documentElement.dataset.timeZone;

/** The ways to all reports that somebody in this role may see; they lead to the same days. */
export function reportNavigation(role, current) {
  const links = pagesOf(role).filter(({ section }) => section === "reports").map(({ page, path }) => ({
    path,
    link: element("a", { "aria-current": page === current && "page" }, text(`shell.pages.${page}`)),
  }));
  const list = element("ul", {}, links.map(({ link }) => element("li", {}, link)));
  return {
    element: element("nav", { "aria-label": text("reports.navigation") }, list),
    show(range) {
      for (const { path, link } of links) link.href = address(path, range);
    },
  };
}

function frame({ page, title, scope }, { main, identity }, { onChosen, onDownload }) {
  const navigation = reportNavigation(identity.role, page);
  const heading = element("h1", { tabindex: -1 }, title(identity));
  const form = rangeForm(onChosen);
  const csv = button(text("reports.download"), onDownload);
  const rows = reading(csv);
  main.replaceChildren(element("div", { class: "report" }, navigation.element, heading,
    element("p", { class: "quiet" }, scope, " ", text("reports.days", { timeZone })),
    form.element, rows.element, fills()));
  return { navigation, heading, form, csv, rows };
}

/**
 * Make the `show` of a report's view out of what is its own:
 *
 * - `page`: its name in routes.js; `title(identity)` and `scope`: its heading, and what it counts;
 * - `source(parameters)`: the API's path, which with `.csv` gives the file; `file(parameters)`: how that is called;
 * - `rowsOf(answer)`: the rows of a page; `heading(answer)`: a better heading, once there is an answer;
 * - `content(pages, { period, identity })`: `{ summary, parts }`, what is said and shown about the rows.
 */
export function report(definition) {
  let parts = null;
  let now = null;

  function addressOf(range) {
    return address(now.path, range);
  }

  function load() {
    const { range, visit } = now;
    const source = definition.source(visit.parameters);
    const pages = new Pages(source, { date_from: range.from, date_to: range.to }, definition.rowsOf);
    function content(read) {
      parts.heading.textContent = definition.heading?.(read.answer) ?? definition.title(visit.identity);
      return definition.content(read, { period: period(range), identity: visit.identity });
    }
    return parts.rows.load({ pages, content, signal: visit.signal, notice: visit.notice });
  }

  function choose(range) {
    if (addressOf(range) === location.hash) load();
    else location.hash = addressOf(range);
  }

  async function save() {
    const { range, visit: { notice, parameters, signal } } = now;
    const name = `${definition.file(parameters)}-${rangeInName(range)}.csv`;
    const query = { date_from: range.from, date_to: range.to };
    try {
      notice.say(text("reports.preparing", { name }));
      await download(`${definition.source(parameters)}.csv`, name, { query, signal });
      notice.say(text("reports.downloaded", { name }));
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, save);
    }
  }

  return async function show(visit) {
    const range = rangeOf(visit.query);
    now = { visit, range, path: location.hash.slice(1).split("?")[0] };
    if (!visit.again) parts = frame(definition, visit, { onChosen: choose, onDownload: save });
    parts.navigation.show(range);
    const canBe = parts.form.show(range, addressOf);
    parts.csv.disabled = !canBe;
    if (canBe) await load();
    else parts.rows.clear();
  };
}

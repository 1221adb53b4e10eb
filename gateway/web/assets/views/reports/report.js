// What all reports share: links from one to another, the days, the CSV, and the section that shows rows page by page.

import { call, download } from "../../api.js";
import { chartPatterns } from "../../charts.js";
import { button, element } from "../../components.js";
import { text, timeZone } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { address, routesOf } from "../../routes.js";
import { rangeInFileName, rangeInWords, rangeOf } from "./date-range.js";
import { rangeForm } from "./range-form.js";

const SKELETON_LINES = 6;

/** Make links to all reports that a role may see; `show(range)` has them lead to the same days. */
export function reportNavigation(role, current) {
  const reports = routesOf(role).filter(({ section }) => section === "reports");
  const links = reports.map(({ page, path }) => ({
    path,
    link: element("a", { "aria-current": page === current && "page" }, text(`shell.pages.${page}`)),
  }));
  const items = links.map(({ link }) => element("li", {}, link));
  return {
    element: element("nav", { "aria-label": text("reports.navigation") }, element("ul", {}, items)),
    show(range) {
      for (const { path, link } of links) link.href = address(path, range);
    },
  };
}

function skeleton() {
  const lines = Array.from({ length: SKELETON_LINES }, () => element("div"));
  return element("div", { class: "skeleton", "aria-hidden": "true" }, lines);
}

/**
 * Make a section that shows a list page by page. `load({ pages, content, signal, notice })` reads the first page of
 * `pages` and shows what `content(pages)` returns: `{ summary, parts }`, a sentence and elements. `beside` is an element
 * beside the sentence. After "Show more" the element whose `data-row` is the number of the first new row gets the focus.
 */
export function pagedSection(beside = null) {
  const summary = element("p", { class: "quiet", role: "status" });
  const place = element("div", { class: "rows" });
  const section = element("div", { class: "reading" }, element("div", { class: "summary" }, summary, beside), place);
  let current = null;

  function fill(sentence, ...parts) {
    summary.textContent = sentence;
    place.replaceChildren(...parts);
  }

  /** Read on and show everything; returns whether it did. What an earlier `load` was reading is not shown any more. */
  async function read() {
    const visit = current;
    const { pages, content, signal, notice } = visit;
    section.ariaBusy = "true";
    try {
      const added = await pages.next(signal);
      if (!added || visit !== current) return false;
    } catch (problem) {
      if (signal.aborted || visit !== current) return false;
      section.ariaBusy = "false";
      notice.warn(problem, pages.answer ? more : () => load(visit));
      if (!pages.answer) fill(text("reports.failed"));
      return false;
    }
    section.ariaBusy = "false";
    const { summary: sentence, parts } = content(pages);
    fill(sentence, ...parts);
    if (pages.hasMore) place.append(button(text("common.more"), more, { class: "more" }));
    return true;
  }

  async function more() {
    const before = current.pages.rows.length;
    if (await read()) place.querySelector(`[data-row="${before}"]`)?.focus();
  }

  async function load(visit) {
    current = visit;
    if (!place.hasChildNodes()) fill(text("shell.loading"), skeleton());
    await read();
  }

  return { element: section, load, clear: () => fill("") };
}

function reportFrame({ page, title, scope }, { main, identity }, { onChosen, onDownload }) {
  const navigation = reportNavigation(identity.role, page);
  const heading = element("h1", { tabindex: -1 }, title(identity));
  const form = rangeForm(onChosen);
  const variants = element("div", {});
  const csv = button(text("reports.download"), onDownload);
  const rows = pagedSection(csv);
  const explanation = element("p", { class: "quiet" }, scope, " ", text("reports.days", { timeZone }));
  const parts = [navigation.element, heading, explanation, variants, form.element, rows.element, chartPatterns()];
  main.replaceChildren(element("div", { class: "report" }, parts));
  return { navigation, heading, form, csv, rows, variants };
}

/**
 * Make the `show` of a report's view out of its definition:
 *
 * - `page`: its name in routes.js; `title(identity)` and `scope`: its heading, and what it counts;
 * - `source(parameters)`: the API's path, which with `.csv` gives the file; `query(parameters)`: what it is asked besides
 *   the days; `file(parameters)`: the file's name;
 * - `variants(parameters, range)`: links to other forms of the report;
 * - `rowsOf(answer)`: the rows of a page; `heading(answer)`: a better heading, once there is an answer;
 * - `content({ rows, isWhole, answer }, { period, parameters })`: `{ summary, parts }`, the sentence and elements about the rows.
 */
export function report(definition) {
  let frame = null;
  let now = null;
  let isSaving = false;

  function addressOf(range) {
    return address(now.path, range);
  }

  function queryOf(parameters, { from, to }) {
    return { ...definition.query?.(parameters), date_from: from, date_to: to };
  }

  function load() {
    const { range, visit } = now;
    const { signal, notice, parameters, identity } = visit;
    const pages = new PagedList({
      readPage: (pageToken) =>
        call(definition.source(parameters), {
          query: { ...queryOf(parameters, range), page_token: pageToken },
          signal,
        }),
      rowsOf: definition.rowsOf,
    });
    function content({ rows, answer, hasMore }) {
      frame.heading.textContent = definition.heading?.(answer) ?? definition.title(identity);
      return definition.content({ rows, isWhole: !hasMore, answer }, { period: rangeInWords(range), parameters });
    }
    return frame.rows.load({ pages, content, signal, notice });
  }

  function choose(range) {
    if (addressOf(range) === location.hash) load();
    else location.hash = addressOf(range);
  }

  async function save() {
    if (isSaving) return;
    isSaving = true;
    const { range, visit } = now;
    const { notice, parameters, signal } = visit;
    const name = `${definition.file(parameters)}-${rangeInFileName(range)}.csv`;
    const query = queryOf(parameters, range);
    try {
      notice.say(text("reports.preparing", { name }));
      await download(`${definition.source(parameters)}.csv`, name, { query, signal });
      notice.say(text("reports.downloaded", { name }));
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, save);
    } finally {
      isSaving = false;
    }
  }

  return async function show(visit) {
    const range = rangeOf(visit.query);
    now = { visit, range, path: location.hash.slice(1).split("?")[0] };
    if (!visit.again) frame = reportFrame(definition, visit, { onChosen: choose, onDownload: save });
    frame.navigation.show(range);
    if (definition.variants) frame.variants.replaceChildren(definition.variants(visit.parameters, range));
    const isValid = frame.form.show(range, addressOf);
    frame.csv.disabled = !isValid;
    if (isValid) await load();
    else frame.rows.clear();
  };
}

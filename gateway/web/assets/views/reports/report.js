// Reports that are one list: its rows are read to the end, so that what is added up is all there is.

import { call, download } from "../../api.js";
import { text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { address } from "../../routes.js";
import { inAddress, rangeInFileName, rangeInWords, rangeOf } from "./date-range.js";
import { reportFrame } from "./frame.js";
import { pagedSection } from "./section.js";

/** The most that one call returns. */
const PAGE_SIZE = 200;

/** Return all rows of a list that the API gives page by page. */
export function readAll(path, { query, signal, rowsOf, pageSize = PAGE_SIZE }) {
  return new PagedList({
    readPage: (pageToken) => call(path, { query: { ...query, page_size: pageSize, page_token: pageToken }, signal }),
    rowsOf,
    minRows: Number.POSITIVE_INFINITY,
  });
}

/**
 * Make the `show` of a report's view out of its definition:
 *
 * - `page`: its name in routes.js; `title(identity)` and `scope()`: its heading, and what it counts;
 * - `source(parameters)`: the API's path, which with `.csv` gives the file; `query(parameters, range)`: what it is asked,
 *   by default the days; `file(parameters)`: the file's name; `pageSize`: null where the list has no pages;
 * - `looksBack`: it looks back from the last day, so that this alone is chosen, and says itself how far;
 * - `variants(parameters, range)`: links to other forms of the report;
 * - `rowsOf(answer)`: the rows of a page; `heading(answer)`: a better heading, once there is an answer;
 * - `content({ rows, answer }, { period, parameters, identity })`: `{ summary, parts }`, the sentence and elements about
 *   the rows.
 */
export function report(definition) {
  let frame = null;
  let section = null;
  let now = null;
  let isSaving = false;

  function addressOf(range) {
    return address(now.path, inAddress(range));
  }

  function queryOf(parameters, range) {
    return definition.query?.(parameters, range) ?? daysIn(range);
  }

  function load() {
    const { range, visit } = now;
    const { signal, notice, parameters, identity } = visit;
    const { source, rowsOf, pageSize = PAGE_SIZE } = definition;
    const pages = readAll(source(parameters), { query: queryOf(parameters, range), signal, rowsOf, pageSize });
    function content({ rows, answer }) {
      frame.heading.textContent = definition.heading?.(answer) ?? definition.title(identity);
      return definition.content({ rows, answer }, { period: rangeInWords(range), range, parameters, identity });
    }
    return section.load({ pages, content, signal, notice });
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
    const days = definition.looksBack ? { from: "", to: range.to } : range;
    const name = `${definition.file(parameters)}-${rangeInFileName(days)}.csv`;
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

  function start(visit) {
    section = pagedSection();
    const { page, title, scope, looksBack } = definition;
    const about = { page, title: title(visit.identity), scope: scope(), looksBack };
    frame = reportFrame(about, visit, { onChosen: choose, onDownload: save, rows: section.element });
  }

  return async function show(visit) {
    const range = rangeOf(visit.query);
    now = { visit, range, path: location.hash.slice(1).split("?")[0] };
    if (!visit.again) start(visit);
    frame.navigation.show(range);
    if (definition.variants) frame.variants.replaceChildren(definition.variants(visit.parameters, range));
    const isValid = frame.form.show(range, addressOf);
    frame.period.textContent = isValid && !definition.looksBack ? rangeInWords(range) : "";
    frame.csv.disabled = !isValid;
    if (isValid) await load();
    else section.clear();
  };
}

/** Return what a report is asked for the days of a range. */
export function daysIn({ from, to }) {
  return { date_from: from, date_to: to };
}

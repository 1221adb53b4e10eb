// What all reports have around them: links from one to another, the heading, the days, and what can be done with it all.

import { button, element, icon } from "../../components.js";
import { text, zoneName } from "../../localization.js";
import { address, routesOf } from "../../routes.js";
import { inAddress } from "./date-range.js";
import { lastDayForm, rangeForm } from "./range-form.js";

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
      for (const { path, link } of links) link.href = address(path, inAddress(range));
    },
  };
}

/** Make what stands where rows are going to be. */
export function skeleton() {
  const lines = Array.from({ length: SKELETON_LINES }, () => element("div"));
  return element("div", { class: "skeleton", "aria-hidden": "true" }, lines);
}

function actions(onDownload) {
  const csv = onDownload && button([icon("download"), text("reports.download")], onDownload);
  const print = button([icon("print"), text("reports.print")], () => self.print());
  return { csv, element: element("div", { class: "actions" }, print, csv) };
}

/**
 * Fill a page with the frame of a report, and return its parts. `onChosen(range)` is called with the days that a person
 * chose; without `onDownload` there is no CSV. `variants` is a place for links to other forms of the report, `rows` the
 * element with what it says, and `scope` a sentence about what counts; `looksBack`: only the last day matters.
 */
export function reportFrame(
  { page, title, scope, looksBack = false },
  { main, identity },
  { onChosen, onDownload = null, rows },
) {
  const navigation = reportNavigation(identity.role, page);
  const heading = element("h1", { tabindex: -1 }, title);
  const form = (looksBack ? lastDayForm : rangeForm)(onChosen);
  const variants = element("div", { class: "variants" });
  const period = element("p", { class: "quiet" });
  const { csv, element: buttons } = actions(onDownload);
  const explanation = element(
    "details",
    { class: "scope" },
    element("summary", {}, text("reports.counted")),
    element("p", {}, scope),
    element("p", {}, text("reports.days", { zone: zoneName() })),
  );
  const head = element("div", { class: "head" }, element("div", {}, heading, period), buttons);
  rows.append(explanation);
  main.replaceChildren(element("div", { class: "report" }, navigation.element, head, form.element, variants, rows));
  return { navigation, heading, period, form, csv, variants };
}

// Policies: which limits are in force, all there ever were, and a new one from any of them, tried before it is in force.

import { call } from "../../api.js";
import { button, element, icon } from "../../components.js";
import { dateTime, text } from "../../localization.js";
import { PagedList } from "../../pagination.js";
import { UNDO_SECONDS } from "../../undo.js";
import { table } from "../reports/figures.js";
import { courseName, readCourses } from "./courses.js";
import { editor } from "./editor.js";
import { inWords } from "./form.js";
import { GROUPS, inForce } from "./limits.js";

const PATH = "/api/admin/attendance-policies";
const PAGE_SIZE = 200;
/** What was put into force a moment ago, to be said on its own page: `{ version, undo }`. */
let justMade = null;

function scopeInWords({ course_id: course }, courses) {
  return course === undefined ? text("policies.allCourses") : courseName(courses, course);
}

function titleOf({ version }) {
  return version === 0 ? text("policies.builtIn") : text("policies.version", { version });
}

function limitsList(policy) {
  return Object.entries(GROUPS).map(([group, members]) =>
    element(
      "section",
      { class: "panel" },
      element("h3", {}, text(`policies.groups.${group}`)),
      element(
        "dl",
        {},
        members.map((limit) => [
          element("dt", {}, text(`policies.limits.${limit.name}`)),
          element("dd", {}, inWords(limit, policy.limits[limit.name])),
        ]),
      ),
    ),
  );
}

function stateInWords(policy) {
  if (policy.withdrawn) return text("policies.withdrawn");
  return text(policy.in_force ? "policies.inForce" : "policies.replaced");
}

function versionsTable(policies, courses) {
  const link = (policy) => element("a", { href: `#/policies/${policy.version}` }, titleOf(policy));
  const columns = [
    { label: text("policies.columns.policy"), type: "name", value: link },
    { label: text("policies.columns.scope"), type: "text", value: (policy) => scopeInWords(policy, courses) },
    { label: text("policies.columns.state"), type: "text", value: stateInWords },
    {
      label: text("policies.columns.since"),
      type: "text",
      value: ({ created_at: at }) => (at ? dateTime(at) : "–"),
    },
    { label: text("policies.columns.by"), type: "text", value: (policy) => policy.created_by_name },
    { label: text("policies.columns.note"), type: "text notes", value: ({ note }) => note },
  ];
  return table({ caption: text("policies.versions"), columns, rows: policies });
}

function shownPolicy(policies, courses, version) {
  const wanted = version === undefined ? inForce(policies) : policies.find((it) => it.version === Number(version));
  if (!wanted) return [element("p", {}, text("policies.noSuch"))];
  const from = button(
    [icon("pen"), text("policies.newFrom")],
    () => {
      location.hash = `#/policies/new?from=${wanted.version}`;
    },
    { class: "primary" },
  );
  const heading = element(
    "div",
    { class: "head" },
    element(
      "div",
      {},
      element("h2", { tabindex: -1 }, titleOf(wanted)),
      element(
        "p",
        { class: "quiet" },
        [stateInWords(wanted), scopeInWords(wanted, courses), wanted.note].filter(Boolean).join(" · "),
      ),
    ),
    wanted.limits && element("div", { class: "actions" }, from),
  );
  if (!wanted.limits) return [heading, element("p", {}, text("policies.withdrawn"))];
  return [heading, element("div", { class: "pair" }, limitsList(wanted))];
}

async function readPolicies(signal) {
  const pages = new PagedList({
    readPage: (pageToken) => call(PATH, { query: { page_size: PAGE_SIZE, page_token: pageToken }, signal }),
    rowsOf: ({ policies }) => policies,
    minRows: Number.POSITIVE_INFINITY,
  });
  await pages.next(signal);
  return pages.rows;
}

/** Say that a policy is in force, and offer to take that back. */
function sayMade({ version, undo }, notice) {
  async function run() {
    try {
      const { version: newest } = await undo();
      location.hash = `#/policies/${newest}`;
    } catch (problem) {
      notice.warn(problem, run);
    }
  }
  const action = { label: text("common.undo"), run };
  notice.say(text("policies.made", { version }), { action, seconds: UNDO_SECONDS });
}

/** Show the policies; with `new` in the address the form, with a version that one. */
export async function show(visit) {
  const { main, notice, parameters, query, signal } = visit;
  const [which] = parameters;
  const heading = element("h1", { tabindex: -1 }, text(which === "new" ? "policies.new" : "policies.title"));
  const place = element("div", { class: "rows" });
  const back = which !== undefined && element("p", {}, element("a", { href: "#/policies" }, text("policies.back")));
  main.replaceChildren(
    element(
      "div",
      { class: "report policies" },
      back,
      element("div", {}, heading, element("p", { class: "quiet" }, text("policies.about"))),
      place,
    ),
  );
  if (visit.again) heading.focus();
  function onMade({ version }, undo) {
    justMade = { version, undo };
    location.hash = `#/policies/${version}`;
  }

  if (justMade && which === String(justMade.version)) sayMade(justMade, notice);
  justMade = null;

  async function load() {
    place.ariaBusy = "true";
    try {
      const [policies, courses] = await Promise.all([readPolicies(signal), readCourses(signal)]);
      place.replaceChildren(
        ...(which === "new"
          ? editor({ policies, courses, from: Number(query.get("from") ?? Number.NaN), notice, signal, onMade })
          : [...shownPolicy(policies, courses, which), versionsTable(policies, courses)]),
      );
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    } finally {
      place.ariaBusy = "false";
    }
  }
  await load();
}

// The form of a policy: every limit with its unit and what it means, for whom it applies, and why.

import { element } from "../../components.js";
import { number, text } from "../../localization.js";
import { courseField } from "./courses.js";
import { GROUPS, shown, stated } from "./limits.js";

/** What the API takes (docs/policies.md). */
const MAX_NOTE = 2000;

function unitWord(unit) {
  return text(`policies.units.${unit}`);
}

function withUnit({ unit }, value) {
  if (unit === null) return text(value ? "policies.yes" : "policies.no");
  return text("policies.value", { number: number(value), unit: unitWord(unit) });
}

/** Write the value of a limit of the API for people. */
export function inWords(limit, value) {
  return withUnit(limit, shown(limit, value));
}

function inputOf(limit, value, describedBy) {
  const attributes = { id: limit.name, "aria-describedby": describedBy };
  if (limit.unit === null) return element("input", { ...attributes, type: "checkbox", checked: value });
  return element("input", { ...attributes, type: "number", min: 0, step: "any", inputmode: "decimal", value });
}

function field(limit, value, now) {
  const problem = element("p", { class: "problem", id: `${limit.name}-problem` });
  const meaning = element(
    "p",
    { class: "quiet small", id: `${limit.name}-meaning` },
    text(`policies.means.${limit.name}`),
  );
  const input = inputOf(limit, shown(limit, value), `${meaning.id} ${problem.id}`);
  const before = element("p", { class: "changed small" });
  function tell() {
    const given = stated(limit, limit.unit === null ? input.checked : input.value);
    before.textContent = given === now ? "" : text("policies.nowIs", { value: inWords(limit, now) });
  }
  input.addEventListener("input", tell);
  tell();
  const label = element("label", { for: input.id }, text(`policies.limits.${limit.name}`));
  const unit = limit.unit !== null && element("span", { class: "quiet" }, unitWord(limit.unit));
  return {
    limit,
    input,
    problem,
    element: element(
      "div",
      { class: "limit" },
      label,
      element("div", { class: "given" }, input, unit),
      meaning,
      before,
      problem,
    ),
  };
}

/**
 * Make the form. It starts from `limits` (of the API), and says where it differs from those `now` in force; `courses` are those
 * to choose from. `read()`
 * returns `{ limits, course_id, note }` for the API, or null after it has shown what is no number; `show(violations)`
 * shows what the API refused beside its fields, and returns whether there was a field for each.
 */
export function policyForm({ limits, now, course, courses, onChange }) {
  const fields = Object.entries(GROUPS).map(([group, members]) => ({
    group,
    members: members.map((limit) => field(limit, limits[limit.name], now[limit.name])),
  }));
  const all = fields.flatMap(({ members }) => members);
  const scope = courseField(courses, course);
  const note = element("textarea", { id: "note", maxlength: MAX_NOTE, rows: 2 });
  const noteField = element("div", { class: "limit" }, element("label", { for: note.id }, text("policies.note")), note);

  function place(problems) {
    const named = [...all.map((one) => ({ ...one, name: one.limit.name })), { ...scope, name: "course_id" }];
    let first = null;
    for (const { name, input, problem } of named) {
      problem.textContent = problems[name] ?? "";
      input.setAttribute("aria-invalid", Boolean(problems[name]));
      if (problems[name]) first ??= input;
    }
    first?.focus();
    return named.map(({ name }) => name);
  }

  function read() {
    const values = all.map(({ limit, input }) => [
      limit.name,
      stated(limit, limit.unit === null ? input.checked : input.value),
    ]);
    const unread = values.filter(([, value]) => value === null).map(([name]) => [name, text("policies.noNumber")]);
    place(Object.fromEntries(unread));
    if (unread.length) return null;
    const body = { limits: Object.fromEntries(values) };
    return { ...body, ...(scope.input.value && { course_id: Number(scope.input.value) }), note: note.value.trim() };
  }

  function show(violations) {
    const problems = Object.fromEntries(
      violations.map(({ field: named, description }) => [named.replace(/^limits\./, ""), description]),
    );
    const names = place(problems);
    return Object.keys(problems).length > 0 && Object.keys(problems).every((name) => names.includes(name));
  }

  const groups = fields.map(({ group, members }) =>
    element(
      "fieldset",
      { class: "panel" },
      element("legend", {}, text(`policies.groups.${group}`)),
      element(
        "div",
        { class: "limits" },
        members.map((one) => one.element),
      ),
    ),
  );
  const who = element(
    "fieldset",
    { class: "panel" },
    element("legend", {}, text("policies.groups.scope")),
    element("div", { class: "limits" }, scope.element, noteField),
  );
  const form = element("div", { class: "policy-form" }, groups, who);
  form.addEventListener("input", onChange);
  return { element: form, read, show };
}

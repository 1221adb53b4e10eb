// A new policy: its form, the trial on past decisions, and only then the button that puts it into force.

import { button, element } from "../../components.js";
import { dateOf, day, number, text } from "../../localization.js";
import { createPolicy } from "../../writes.js";
import { firstDay } from "../record/figures.js";
import { policyForm } from "./form.js";
import { differences, inForce, newestOf, ofScope } from "./limits.js";
import { evaluate, outcomeOf } from "./what-if.js";

/** How many months of decisions are judged again; 0: all. */
const PERIODS = [3, 12, 0];

/** Return what gives a scope back the policy that it had before `made` (docs/policies.md, CreatePolicy). */
function takingBack(made, before) {
  const { course_id: course, version } = made;
  const what = before ? { limits: before.limits } : { withdrawn: true };
  const note = text("policies.undoes", { version });
  return { ...what, ...(course !== undefined && { course_id: course }), note, replaces_version: version };
}

function periodChoice(onchange) {
  const options = PERIODS.map((months) =>
    element("option", { value: months }, text(`policies.whatIf.period.months${months}`)),
  );
  const select = element("select", { id: "period", onchange }, options);
  const label = element("label", { for: select.id }, text("policies.whatIf.period.label"));
  const first = () => (Number(select.value) ? firstDay(dateOf(Date.now()), Number(select.value)) : "");
  return { element: element("div", { class: "period" }, label, select), first };
}

/**
 * Make the elements of the editor. It starts from the policy `from` (its version), or from the one in force, and compares
 * with the one that is in force for the same scope. What was tried is forgotten as soon as anything is changed.
 * `onMade(made, undo)` is called once a policy is in force; `undo()` puts what was before it into force again, and returns
 * that policy.
 */
export function editor({ policies, courses, from, notice, signal, onMade }) {
  const start = policies.find(({ version, limits }) => version === from && limits) ?? inForce(policies);
  const now = inForce(policies, start.course_id ?? null);
  const outcome = element("div", { class: "outcome" });
  const progress = element("p", { class: "quiet", role: "status" });
  let tried = null;

  function forget() {
    tried = null;
    confirm.disabled = true;
    outcome.replaceChildren();
    progress.textContent = "";
  }

  function refused(problem, again) {
    if (signal.aborted) return;
    if (problem.violations?.length && form.show(problem.violations)) progress.textContent = text("policies.refused");
    else notice.warn(problem, again);
  }

  async function tryIt() {
    const draft = form.read();
    if (!draft) return;
    forget();
    const onPage = (count) => {
      progress.textContent = text("policies.whatIf.soFar", { count, number: number(count) });
    };
    progress.textContent = text("policies.whatIf.running");
    try {
      const first = period.first();
      const evaluation = await evaluate(draft, { first, signal, onPage });
      outcome.replaceChildren(outcomeOf(evaluation, first && day(first)));
      progress.textContent = text(
        differences(now.limits, draft.limits).length ? "policies.whatIf.done" : "policies.same",
      );
      tried = draft;
      confirm.disabled = false;
    } catch (problem) {
      progress.textContent = "";
      refused(problem, tryIt);
    }
  }

  async function putIntoForce() {
    if (!tried) return;
    try {
      const replaced = newestOf(policies, tried.course_id ?? null);
      const made = await createPolicy({ ...tried, note: form.read()?.note ?? "", replaces_version: replaced });
      if (signal.aborted) return;
      const before = ofScope(policies, made.course_id ?? null);
      onMade(made, () => createPolicy(takingBack(made, before)));
    } catch (problem) {
      refused(problem, putIntoForce);
    }
  }

  const period = periodChoice(forget);
  const attempt = button(text("policies.try"), tryIt);
  const confirm = button(text("policies.putIntoForce"), putIntoForce, { class: "primary", disabled: true });
  const form = policyForm({
    limits: start.limits,
    now: now.limits,
    course: start.course_id ?? null,
    courses,
    onChange: ({ target }) => target.id !== "note" && forget(),
  });
  const explanation = element("p", { class: "quiet small" }, text("policies.onlyThen"));
  const actions = element("div", { class: "actions" }, attempt, confirm);
  return [
    form.element,
    element("div", { class: "decide panel" }, period.element, actions, explanation, progress),
    outcome,
  ];
}

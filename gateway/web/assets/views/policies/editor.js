// A new policy: its form, the trial on past decisions, and only then the button that puts it into force.

import { call } from "../../api.js";
import { button, element } from "../../components.js";
import { number, text } from "../../localization.js";
import { policyForm } from "./form.js";
import { differences, inForce } from "./limits.js";
import { evaluate, outcomeOf } from "./what-if.js";

const PATH = "/api/admin/attendance-policies";

/**
 * Make the elements of the editor. It starts from the policy `from` (its version), or from the one in force, and compares
 * with the one that is in force for the same scope. What was tried is forgotten as soon as anything is changed.
 */
export function editor({ policies, from, notice, signal }) {
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
      const evaluation = await evaluate(draft, { signal, onPage });
      outcome.replaceChildren(outcomeOf(evaluation));
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
      const made = await call(PATH, { method: "POST", body: { ...tried, note: form.read()?.note ?? "" }, signal });
      location.hash = `#/policies/${made.version}`;
    } catch (problem) {
      refused(problem, putIntoForce);
    }
  }

  const attempt = button(text("policies.try"), tryIt);
  const confirm = button(text("policies.putIntoForce"), putIntoForce, { class: "primary", disabled: true });
  const form = policyForm({
    limits: start.limits,
    now: now.limits,
    course: start.course_id ?? null,
    onChange: ({ target }) => target.id !== "note" && forget(),
  });
  const explanation = element("p", { class: "quiet small" }, text("policies.onlyThen"));
  const actions = element("div", { class: "actions" }, attempt, confirm);
  return [form.element, element("div", { class: "decide panel" }, actions, explanation, progress), outcome];
}

// What would be written, to choose from.

import { element } from "../../../elements.js";
import { text } from "../../../strings/index.js";
import { choiceLine } from "./lines.js";

/**
 * Make the list of `suggested` (calls.js). Those in the set `leftOut` are not chosen; it is kept as people change their
 * choice, and `onChange()` is called then.
 */
export function choice(suggested, leftOut, onChange) {
  const all = element("input", { type: "checkbox", onchange: () => choose(suggested, all.checked) });
  const lines = suggested.map((one) => choiceLine(one, (chosen) => choose([one], chosen)));

  function tell() {
    const count = suggested.filter((one) => leftOut.has(one)).length;
    all.checked = count === 0;
    all.indeterminate = count > 0 && count < suggested.length;
    lines.forEach(({ box }, index) => { box.checked = !leftOut.has(suggested[index]); });
  }

  function choose(some, chosen) {
    for (const one of some) leftOut[chosen ? "delete" : "add"](one);
    tell();
    onChange();
  }

  tell();
  return element("fieldset", {},
    element("legend", {}, text("sessions.apply.willBe", { count: suggested.length })),
    element("label", { class: "line all" }, all, text("sessions.apply.all")),
    element("ul", { class: "lines" }, lines.map(({ line }) => line)));
}

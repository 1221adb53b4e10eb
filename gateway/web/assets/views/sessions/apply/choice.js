// What would be written, to choose from.

import { element } from "../../../elements.js";
import { text } from "../../../strings/index.js";
import { choiceLine } from "./lines.js";

/** Make the list of `suggested` (calls.js), all chosen. `onChange(count)` is called when the choice changes. */
export function choice(suggested, onChange) {
  const chosen = new Set(suggested);
  const all = element("input", { type: "checkbox", checked: true, onchange: () => choose(all.checked) });

  function tell() {
    all.checked = chosen.size === suggested.length;
    all.indeterminate = chosen.size > 0 && !all.checked;
    onChange(chosen.size);
  }

  const lines = suggested.map((one) => choiceLine(one, (checked) => {
    if (checked) chosen.add(one);
    else chosen.delete(one);
    tell();
  }));

  function choose(everything) {
    chosen.clear();
    if (everything) suggested.forEach((one) => chosen.add(one));
    for (const { box } of lines) box.checked = everything;
    tell();
  }

  return {
    element: element("fieldset", {},
      element("legend", {}, text("sessions.apply.willBe", { count: suggested.length })),
      element("label", { class: "line all" }, all, text("sessions.apply.all")),
      element("ul", { class: "lines" }, lines.map(({ line }) => line))),
    /** What is chosen now, in the order in which it was suggested. */
    chosen: () => suggested.filter((one) => chosen.has(one)),
  };
}

// When each person was connected: a drawing with one row per person on a common scale, to be read by pointer and keyboard,
// and the same in words.

import { element } from "../../components.js";
import { text } from "../../localization.js";
import { axis, drawRow, legend, limitLabel } from "./timeline-drawing.js";
import { layOut } from "./timeline-layout.js";
import { readByKeyboard, readByPointer } from "./timeline-reading.js";
import { timelineText } from "./timeline-words.js";

function rowOf(row, layout, say) {
  const drawn = drawRow(row, layout);
  const place = element(
    "div",
    { class: "presence-bar", "aria-label": text("lesson.timeline.row", { name: row.label }) },
    drawn,
  );
  readByPointer(place, drawn, row, layout, say);
  readByKeyboard(place, drawn, row, layout, say);
  return [element("span", { class: "name", title: row.label, "aria-hidden": "true" }, row.shortLabel), place];
}

/**
 * Make a timeline, to be filled by `show(people, suggestion, now)`: `people` of people.js, `now` in milliseconds. The page has
 * to hold the `patterns()` of timeline-drawing.js.
 */
export function timeline() {
  const picture = element("div", { class: "timeline", dir: "ltr" });
  const reading = element("p", { class: "reading", "aria-hidden": "true" });
  const signs = element("div", {});
  const description = timelineText();
  const heading = element("h3", {}, text("lesson.timeline.title"));
  /** What is drawn: it is drawn anew only if that has changed, and not while a person reads it. */
  let shown = "";
  return {
    element: element(
      "figure",
      {},
      element("figcaption", {}, heading, reading),
      picture,
      element("div", { class: "below" }, signs, description.element),
    ),
    show(people, suggestion, now) {
      const layout = layOut(people, suggestion, now);
      const key = JSON.stringify(layout);
      if (key === shown || picture.contains(document.activeElement)) return;
      shown = key;
      const rows = layout.rows.flatMap((row) => rowOf(row, layout, (words) => reading.replaceChildren(words)));
      const limits = limitLabel(layout);
      const beside = () => element("span", {});
      picture.replaceChildren(beside(), axis(layout), ...rows, ...(limits ? [beside(), limits] : []));
      signs.replaceChildren(legend(layout));
      description.show(layout);
    },
  };
}

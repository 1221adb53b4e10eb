// What is known about somebody's attendance, as a word with a sign and a colour.

import { element } from "../elements.js";
import { hasText, text } from "../strings/index.js";

export const NOT_MARKED = "system_default";
const SIGNS = { present: "✅", late: "⏰", absent: "❌", unmarked: "○", other: "•" };
const SOURCE_SIGNS = { manual: "✋", whiteboard_auto: "🤖", parent_reported: "👪", admin_override: "⚙️", [NOT_MARKED]: "📝" };

function known(status, source) {
  if (source === NOT_MARKED || !status) return "unmarked";
  return hasText(`common.status.${status}`) ? status : "other";
}

function sign(character) {
  return element("span", { "aria-hidden": "true" }, `${character} `);
}

/** The word for a status; while the source is `system_default` nobody has decided, whatever the status says. */
export function statusWord(status, source = "") {
  return text(`common.status.${known(status, source)}`, { status });
}

/** The same word as a badge, with a sign and a colour. */
export function statusBadge(status, source = "") {
  const kind = known(status, source);
  return element("span", { class: `badge ${kind}` }, sign(SIGNS[kind]), statusWord(status, source));
}

/** Where a recorded status comes from, as a sign with its word. */
export function sourceLabel(source) {
  const kind = hasText(`common.source.${source}`) ? source : NOT_MARKED;
  return element("span", { class: "source" }, sign(SOURCE_SIGNS[kind]), text(`common.source.${kind}`));
}

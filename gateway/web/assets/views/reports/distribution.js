// What is known about attendance in many sessions, at a glance: the rate, and a bar that is divided.

import { dividedBar, swatch } from "../../components/chart-bar.js";
import { element } from "../../elements.js";
import { number } from "../../format.js";
import { text } from "../../strings/index.js";
import { percent } from "./labels.js";
import { kindsIn, markedIn, rateOf } from "./tally.js";

/** A kind in one word. */
export function kindWord(kind) {
  return kind === "other" ? text("reports.otherStatus") : text(`common.status.${kind}`);
}

/** A rate in words; null: nothing is marked. */
export function rateInWords(rate) {
  if (rate === null) return element("span", { class: "unset" }, text("reports.noneMarked"));
  return percent(rate);
}

/** The bar of a tally. */
export function tallyBar(tally) {
  return dividedBar(kindsIn(tally).map((kind) => ({ kind, count: tally[kind] })));
}

function legend(tally) {
  return element("ul", { class: "legend" }, kindsIn(tally).map((kind) => element("li", {}, swatch(kind),
    text("reports.countOf", { kind: kindWord(kind), count: number(tally[kind]) }))));
}

/** The rate of a tally as a headline, over its bar, and what the patterns of this and other bars mean. */
export function distribution(tally) {
  const rate = rateOf(tally);
  return element("section", { class: "distribution" },
    element("p", {}, element("strong", {}, rateInWords(rate)),
      rate !== null && ` ${text("reports.rateOf", { present: number(tally.present), count: markedIn(tally) })}`),
    tallyBar(tally),
    legend(tally));
}

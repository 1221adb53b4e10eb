// What became of some lessons, at a glance.

import { dividedBar } from "../../charts.js";
import { duration, number, text } from "../../localization.js";
import { tile } from "./figures.js";

/** How the bar shows each of what can become of a lesson. */
const KINDS = {
  held: "present",
  student_no_shows: "absent",
  tutor_no_shows: "late",
  nobody_came: "other",
  cancelled: "cancelled",
  cannot_know: "unmarked",
};

function othersInWords(totals) {
  return Object.keys(KINDS)
    .filter((kind) => kind !== "held" && totals[kind])
    .map((kind) => text(`reports.outcomes.counted.${kind}`, { count: totals[kind] }))
    .join(" · ");
}

/** Make the tile of how many lessons were held. */
export function heldTile(totals) {
  const value = text("reports.outcomes.heldOf", { held: number(totals.held), lessons: number(totals.lessons) });
  const parts = Object.entries(KINDS).map(([outcome, kind]) => ({ kind, count: totals[outcome] }));
  return tile(text("reports.outcomes.held"), value, othersInWords(totals), dividedBar(parts));
}

/** Make the tile of what is to be billed. */
export function billableTile({ billable_minutes: minutes }) {
  return tile(text("reports.outcomes.billable"), duration(minutes), text("reports.outcomes.billableOf"));
}

/** Make all tiles of what became of lessons. */
export function outcomeTiles(totals) {
  return [
    heldTile(totals),
    tile(text("reports.outcomes.together"), duration(totals.overlap_minutes)),
    billableTile(totals),
    tile(
      text("reports.outcomes.waited"),
      duration(totals.tutor_waited_minutes),
      text("reports.outcomes.studentsWaited", { duration: duration(totals.student_waited_minutes) }),
    ),
  ];
}

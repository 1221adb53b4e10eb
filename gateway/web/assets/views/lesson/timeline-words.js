// A timeline in words.

import { element } from "../../components.js";
import { text, timeOfDay, wholeMinutes } from "../../localization.js";
import { ASSUMED, CONNECTED } from "./timeline-layout.js";

const MINUTE_MS = 60_000;

/** Write from when to when. */
export function timesInWords(range) {
  const [start, end] = [timeOfDay(range.start), timeOfDay(range.end)];
  return start === end ? text("lesson.timeline.instant", { start }) : text("lesson.timeline.times", { start, end });
}

/** Write what a segment shows, and when. */
export function segmentInWords(segment) {
  return text("lesson.timeline.segment", {
    times: timesInWords(segment),
    what: text(`lesson.timeline.${segment.kind}`),
  });
}

/** Write the label of an absence: "away 4 min". */
export function absenceInWords({ kind, start, end }) {
  return text(`lesson.timeline.label.${kind}`, { minutes: wholeMinutes((end - start) / MINUTE_MS) });
}

function activityInWords(bars) {
  if (!bars.length) return null;
  const parts = bars.map((bar) => text("lesson.timeline.activeIn", { times: timesInWords(bar), count: bar.count }));
  return element("p", {}, text("lesson.timeline.activeTimes", { times: parts.join(text("common.clause")) }));
}

function personInWords({ label, segments, bars }) {
  const came = segments.some(({ kind }) => kind === CONNECTED || kind === ASSUMED);
  return element(
    "li",
    {},
    element("p", { class: "name" }, label),
    !came && element("p", {}, text("lesson.timeline.never")),
    element(
      "ol",
      {},
      segments.map((segment) => element("li", {}, segmentInWords(segment))),
    ),
    activityInWords(bars),
  );
}

/** Make the text, to be filled by `show(layout)`. */
export function timelineText() {
  const scheduled = element("p", {});
  const people = element("ul", {});
  return {
    element: element(
      "details",
      { class: "as-text" },
      element("summary", {}, text("lesson.timeline.asText")),
      scheduled,
      people,
    ),
    show({ window, until, limit, rows }) {
      const [start, end] = [timeOfDay(window.start), timeOfDay(window.end)];
      const words = [
        until < window.end
          ? text("lesson.timeline.scheduledSoFar", { start, end, now: timeOfDay(until) })
          : text("lesson.timeline.scheduled", { start, end }),
        limit !== null &&
          text("common.sentence", { words: text("lesson.timeline.lateFrom", { time: timeOfDay(limit) }) }),
      ];
      scheduled.textContent = words.filter(Boolean).join(" ");
      people.replaceChildren(...rows.map(personInWords));
    },
  };
}

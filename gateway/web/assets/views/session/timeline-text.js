// The timeline in words: the same stretches, one after the other.

import { element } from "../../elements.js";
import { clock } from "../../format.js";
import { text } from "../../strings/index.js";
import { CONNECTED } from "./stretches.js";

function times({ from, to }) {
  const [start, end] = [clock(from), clock(to)];
  return start === end ? text("session.timeline.moment", { start }) : text("session.timeline.times", { start, end });
}

function sentence(stretch) {
  return text("session.timeline.stretch", { times: times(stretch), what: text(`session.timeline.${stretch.kind}`) });
}

function active(bars) {
  if (!bars.length) return null;
  const parts = bars.map((bar) => text("session.timeline.activeIn", { times: times(bar), count: bar.count }));
  return element("p", {}, text("session.timeline.activeTimes", { times: parts.join("; ") }));
}

function person({ name, stretches, bars }) {
  const came = stretches.some(({ kind }) => kind === CONNECTED);
  return element("li", {}, element("p", { class: "name" }, name),
    !came && element("p", {}, text("session.timeline.never")),
    element("ol", {}, stretches.map((stretch) => element("li", {}, sentence(stretch)))), active(bars));
}

/** Make the words, to be filled by `show(laidOut)`; whether they are open stays. */
export function timelineText() {
  const scheduled = element("p", {});
  const people = element("ul", {});
  return {
    element: element("details", { class: "as-text" },
      element("summary", {}, text("session.timeline.asText")), scheduled, people),
    show({ window, until, rows }) {
      const [start, end] = [clock(window.from), clock(window.to)];
      scheduled.textContent = until < window.to
        ? text("session.timeline.scheduledSoFar", { start, end, now: clock(until) })
        : text("session.timeline.scheduled", { start, end });
      people.replaceChildren(...rows.map(person));
    },
  };
}

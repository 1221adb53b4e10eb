// Reading a timeline: at the place to which one points, or that one reaches by the arrow keys, it says who was there, from
// when to when.

import { text } from "../../localization.js";
import { positionOf } from "./timeline-layout.js";
import { segmentInWords } from "./timeline-words.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1 };

function segmentAt(time, { segments }) {
  return segments.findLast(({ start, end }) => start <= time && time <= end) ?? null;
}

/** Return the time at which a pointer is over a drawing. */
function timeUnder(event, drawn, { visible }) {
  const { left, width } = drawn.getBoundingClientRect();
  const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
  return visible.start + share * (visible.end - visible.start);
}

function mark(drawn, x) {
  const cursor = drawn.querySelector(".cursor");
  cursor.setAttribute("visibility", x === null ? "hidden" : "visible");
  for (const end of ["x1", "x2"]) cursor.setAttribute(end, `${x ?? 0}%`);
}

/** Have `place`, which holds the drawing `drawn` of `row`, read by a pointer. `say(words)` shows what it says there. */
export function readByPointer(place, drawn, row, layout, say) {
  function read(event) {
    const time = timeUnder(event, drawn, layout);
    const segment = segmentAt(time, row);
    mark(drawn, segment && positionOf(time, layout.visible));
    say(segment ? [row.shortLabel, segmentInWords(segment)].join(text("common.says")) : "");
  }
  function leave() {
    mark(drawn, null);
    say("");
  }
  place.addEventListener("pointerdown", read);
  place.addEventListener("pointermove", read);
  place.addEventListener("pointerleave", leave);
}

/** Have it read by the keyboard as well: `place` becomes a control whose value is the segment that one reads. */
export function readByKeyboard(place, drawn, row, layout, say) {
  const { segments } = row;
  let index = 0;

  function show() {
    const segment = segments[index];
    if (!segment) return;
    const words = segmentInWords(segment);
    place.setAttribute("aria-valuenow", String(index + 1));
    place.setAttribute("aria-valuetext", words);
    if (document.activeElement !== place) return;
    mark(drawn, positionOf((segment.start + segment.end) / 2, layout.visible));
    say([row.shortLabel, words].join(text("common.says")));
  }

  for (const [name, value] of Object.entries({
    role: "slider",
    tabindex: 0,
    "aria-readonly": "true",
    "aria-valuemin": 1,
    "aria-valuemax": Math.max(segments.length, 1),
    "aria-valuenow": 1,
  })) {
    place.setAttribute(name, String(value));
  }
  place.addEventListener("keydown", (event) => {
    const target = { Home: 0, End: segments.length - 1 }[event.key] ?? index + (STEPS[event.key] ?? Number.NaN);
    if (Number.isNaN(target)) return;
    event.preventDefault();
    index = Math.min(Math.max(target, 0), segments.length - 1);
    show();
  });
  place.addEventListener("focus", show);
  place.addEventListener("blur", () => {
    mark(drawn, null);
    say("");
  });
  show();
}

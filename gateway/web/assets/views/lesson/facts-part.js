// What the whiteboard shows of a lesson: what became of it, the timeline, and guests.

import { button, element, outcomeInWords } from "../../components.js";
import { text, timeOfDay } from "../../localization.js";
import { guestList } from "./guests.js";
import { guestsOf, isGroupClass } from "./people.js";
import { timeline } from "./timeline.js";

/** Write that the lesson was perhaps held at another time; nothing where there is no sign of it. */
function sentenceOfOtherTime({ seen_together: together }) {
  if (!together) return "";
  const [start, end] = [timeOfDay(together.started_at), timeOfDay(together.ended_at)];
  return text("lesson.seenTogether", { start, end });
}

/** Write why there is nothing to go by, or that it may change. */
function stateInWords(suggestion, isDecider) {
  if (!suggestion.has_whiteboard) return text(isDecider ? "lesson.noFactsMark" : "lesson.noFacts");
  return suggestion.provisional ? text("lesson.provisional") : "";
}

/**
 * Make the part. `show(suggestion, session, people)` may be called again at any time: what has the focus keeps it.
 * `fail(problem, again)` says that it could not be loaded, and offers to try again.
 */
export function factsPart({ isDecider }) {
  const state = element("p", { class: "quiet facts-state", role: "status" }, text("lesson.loadingSuggestion"));
  const otherTime = element("p", { class: "hint" });
  const outcome = element("p", { class: "outcome quiet" });
  const guests = element("div", {});
  const drawn = timeline();
  const failure = element("div", { class: "failure", hidden: true });
  const section = element(
    "section",
    { class: "presence-part" },
    state,
    failure,
    otherTime,
    drawn.element,
    outcome,
    guests,
  );
  drawn.element.hidden = true;
  return {
    element: section,
    /** Where there can't be facts, nothing is said about them. */
    leaveOut() {
      section.hidden = true;
      state.replaceChildren();
    },
    show(suggestion, session, people) {
      failure.hidden = true;
      const words = stateInWords(suggestion, isDecider);
      if (state.textContent !== words) state.textContent = words;
      outcome.textContent = outcomeInWords(suggestion.lesson_outcome, { bills: isDecider });
      otherTime.textContent = sentenceOfOtherTime(suggestion);
      if (!suggestion.has_whiteboard) {
        drawn.element.hidden = true;
        return;
      }
      guests.replaceChildren(...[guestList(suggestion)].filter(Boolean));
      // The rows of a class have drawings of their own.
      const isGroup = isGroupClass(null, session);
      const alone = isGroup ? people.filter(({ person }) => person === "tutor") : people;
      drawn.element.hidden = isGroup && !suggestion.guests.length;
      drawn.show([...alone.filter(({ facts }) => facts?.metrics), ...guestsOf(suggestion)], suggestion, Date.now());
    },
    fail(problem, again) {
      state.textContent = text("lesson.noSuggestion");
      failure.replaceChildren(element("p", {}, problem.message), button(text("common.retry"), again));
      failure.hidden = false;
    },
  };
}

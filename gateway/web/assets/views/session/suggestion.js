// What the facts suggest: the recommendation, everybody's measurements and reasons, the timeline, and accepting it.

import { button, element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { peopleOf } from "./people.js";
import { personCard } from "./person.js";
import { timeline } from "./timeline.js";

function isAcceptable(suggestion) {
  return suggestion.has_whiteboard && !suggestion.provisional;
}

function records(suggestion, session) {
  const [tutor, student] = peopleOf(suggestion, session);
  return text(student.isClass ? "session.recordsClass" : "session.records", {
    tutor: text(`common.status.${tutor.status}`),
    student: text(`common.status.${student.status}`),
  });
}

/** What whoever only looks is told: the recommendation speaks to those who decide. */
function sentenceFor(suggestion, accepts) {
  if (accepts) return suggestion.overall_recommendation;
  if (!suggestion.has_whiteboard) return suggestion.tutor_metrics.reason;
  return suggestion.provisional ? text("session.provisional") : text("session.onlyFacts");
}

/**
 * Make the section. `show(suggestion, session)` may be called again at any time: what is open stays open, and nothing
 * that has the focus goes away. `accepts` tells whether to offer it; then `onAccept()` is called. `isLarge` keeps room.
 */
export function suggestionSection({ accepts, isLarge, onAccept }) {
  const heading = element("h3", { tabindex: -1 }, text(accepts ? "session.suggestion" : "session.facts"));
  const recommendation = element("p", { class: "recommendation", role: "status" }, text("session.loadingSuggestion"));
  const people = element("ul", { class: "people" });
  const drawn = timeline();
  const recorded = element("p", { id: "session-records", class: "quiet" });
  const accept = button(text("session.accept"), onAccept, { class: "primary", "aria-describedby": recorded.id });
  const offer = element("div", { class: "actions offer", hidden: true }, accept, recorded);
  const failure = element("div", { class: "failure", hidden: true });
  const facts = element("div", { class: "facts", hidden: true }, people, drawn.element);
  const section = element("section", { class: isLarge ? "suggestion waiting" : "suggestion" },
    heading, recommendation, failure, offer, facts);
  return {
    element: section,
    focus: () => heading.focus(),
    show(suggestion, session) {
      section.classList.remove("waiting");
      failure.hidden = true;
      const sentence = sentenceFor(suggestion, accepts);
      if (recommendation.textContent !== sentence) recommendation.textContent = sentence;
      recommendation.classList.toggle("provisional", suggestion.provisional);
      facts.hidden = !suggestion.has_whiteboard;
      offer.hidden = !accepts || !isAcceptable(suggestion);
      if (!suggestion.has_whiteboard) return;
      const known = peopleOf(suggestion, session);
      recorded.textContent = records(suggestion, session);
      people.replaceChildren(...known.map(personCard));
      drawn.show(known.filter(({ metrics }) => metrics), suggestion, Date.now());
    },
    fail(problem, again) {
      section.classList.remove("waiting");
      recommendation.textContent = text("session.noSuggestion");
      const retry = button(text("common.retry"), () => { heading.focus(); again(); });
      failure.replaceChildren(element("p", {}, problem.message), retry);
      failure.hidden = false;
    },
  };
}

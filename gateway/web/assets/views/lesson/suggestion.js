// What the facts suggest: the recommendation, the measurements and reasons of each person, the timeline, and a button
// that accepts.

import { button, element, isolated, outcomeInWords, statusChip, tallyInWords } from "../../components.js";
import { number, percent, text, timeOfDay } from "../../localization.js";
import { guestList } from "./guests.js";
import { guestsOf, isAcceptable, isUnknowable, peopleOf } from "./people.js";
import { timeline } from "./timeline.js";

/** So many students are named in the sentence about what accepting records; of more, only how many. */
const MAX_NAMED = 6;
const SECONDS_PER_MINUTE = 60;

const minutes = (value) => text("common.minutes", { minutes: number(value) });

function measured(metrics) {
  const { lateness_minutes: lateness, engagement_percentage: engagement, early_departure_minutes: early } = metrics;
  const duration = Math.floor(metrics.session_duration_seconds / SECONDS_PER_MINUTE);
  return [
    ["lateness", lateness === undefined ? text("lesson.neverCame") : minutes(lateness)],
    ["engagement", engagement === undefined ? text("common.notKnown") : percent(engagement)],
    ["activeTime", text("lesson.activeOf", { active: number(metrics.active_minutes), duration: number(duration) })],
    ["leftEarly", early !== undefined && minutes(early)],
    ["reconnects", metrics.reconnects > 0 && number(metrics.reconnects)],
  ].filter(([, value]) => value);
}

function measurements(metrics) {
  const rows = measured(metrics).map(([name, value]) => [
    element("dt", {}, text(`lesson.${name}`)),
    element("dd", {}, value),
  ]);
  return [element("dl", {}, rows.flat()), element("p", { class: "quiet" }, metrics.reason)];
}

function badgeOf(person) {
  if (!isUnknowable(person)) return statusChip(person.status);
  return element("span", { class: "chip unmarked" }, text("lesson.cannotKnow"));
}

/** Make the card of one of `peopleOf(...)`. */
function personCard(person) {
  return element(
    "li",
    { class: "person" },
    element(
      "h4",
      {},
      isolated(person.name || text("lesson.nameless")),
      element("span", { class: "quiet" }, text("lesson.inRole", { role: person.role })),
    ),
    element(
      "p",
      {},
      badgeOf(person),
      element("span", { class: `confidence ${person.confidence}` }, text(`common.confidence.${person.confidence}`)),
    ),
    person.metrics ? measurements(person.metrics) : element("p", { class: "quiet" }, text("lesson.othersOfTheClass")),
  );
}

/** Write what is recorded about the students of a class if the suggestion is accepted. */
function outcomesOf(students) {
  if (students.length > MAX_NAMED) return tallyInWords(students.map((student) => student.status_suggestion));
  return students
    .map(({ name, status_suggestion: status }) =>
      text("lesson.outcome", { person: name, status: text(`common.status.${status}`) }),
    )
    .join(", ");
}

function sentenceOfRecords(suggestion, session) {
  const [tutor, student] = peopleOf(suggestion, session);
  const about = { tutor: text(`common.status.${tutor.status}`) };
  if (student.isClass) return text("lesson.recordsClass", { ...about, students: outcomesOf(suggestion.students) });
  return text("lesson.records", { ...about, student: text(`common.status.${student.status}`) });
}

/** The recommendation is written for those who decide; everyone else gets a sentence about the facts. */
function sentenceFor(suggestion, accepts) {
  if (accepts) return suggestion.overall_recommendation;
  if (!suggestion.has_whiteboard) return suggestion.tutor_metrics.reason;
  return suggestion.provisional ? text("lesson.provisional") : text("lesson.onlyFacts");
}

/** Write that the lesson was perhaps held at another time; nothing where there is no sign of it. */
function sentenceOfOtherTime({ seen_together: together }) {
  if (!together) return "";
  const [start, end] = [timeOfDay(together.started_at), timeOfDay(together.ended_at)];
  return text("lesson.seenTogether", { start, end });
}

/**
 * Make the section. `show(suggestion, session)` may be called again at any time: what is open stays open, and what has
 * the focus keeps it. `accepts` is whether to offer accepting, by a button that calls `onAccept()`; `withdraw()` takes
 * that button away, `forbid()` for good. `isLarge` keeps room for what is being loaded.
 */
export function suggestionSection({ accepts, isLarge, onAccept }) {
  let mayAccept = accepts;
  const heading = element("h3", { tabindex: -1 }, text(accepts ? "lesson.suggestion" : "lesson.facts"));
  const recommendation = element("p", { class: "recommendation", role: "status" }, text("lesson.loadingSuggestion"));
  const outcome = element("p", { class: "outcome", hidden: true });
  const otherTime = element("p", { class: "hint", hidden: true });
  const people = element("ul", { class: "people" });
  const guests = element("div", {});
  const drawn = timeline();
  const recorded = element("p", { id: "session-records", class: "quiet" });
  const accept = button(text("lesson.accept"), onAccept, { class: "primary", "aria-describedby": recorded.id });
  const offer = element("div", { class: "actions offer", hidden: true }, accept, recorded);
  const failure = element("div", { class: "failure", hidden: true });
  const facts = element("div", { class: "facts", hidden: true }, people, guests, drawn.element);
  const section = element(
    "section",
    { class: isLarge ? "suggestion waiting" : "suggestion" },
    heading,
    recommendation,
    outcome,
    otherTime,
    failure,
    offer,
    facts,
  );
  return {
    element: section,
    focus: () => heading.focus(),
    withdraw() {
      offer.hidden = true;
    },
    forbid() {
      mayAccept = false;
      offer.hidden = true;
    },
    show(suggestion, session) {
      section.classList.remove("waiting");
      failure.hidden = true;
      const sentence = sentenceFor(suggestion, accepts);
      if (recommendation.textContent !== sentence) recommendation.textContent = sentence;
      recommendation.classList.toggle("provisional", suggestion.provisional);
      outcome.textContent = outcomeInWords(suggestion.lesson_outcome, { bills: accepts });
      outcome.hidden = outcome.textContent === "";
      otherTime.textContent = sentenceOfOtherTime(suggestion);
      otherTime.hidden = otherTime.textContent === "";
      facts.hidden = !suggestion.has_whiteboard;
      offer.hidden = !mayAccept || !isAcceptable(suggestion);
      if (!suggestion.has_whiteboard) return;
      const known = peopleOf(suggestion, session);
      recorded.textContent = sentenceOfRecords(suggestion, session);
      people.replaceChildren(...known.map(personCard));
      guests.replaceChildren(...[guestList(suggestion)].filter(Boolean));
      const measured = known.filter(({ metrics }) => metrics);
      drawn.show([...measured, ...guestsOf(suggestion)], suggestion, Date.now());
    },
    /** Say that the suggestion could not be loaded; a button calls `again`. */
    fail(problem, again) {
      section.classList.remove("waiting");
      recommendation.textContent = text("lesson.noSuggestion");
      const retry = button(text("common.retry"), () => {
        heading.focus();
        again();
      });
      failure.replaceChildren(element("p", {}, problem.message), retry);
      failure.hidden = false;
    },
  };
}

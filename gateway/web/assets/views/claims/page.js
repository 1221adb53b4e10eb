// Claims to settle, those that wait longest first; below them marks that a parent changed, and announced absences.

import { announceChange, onChange } from "../../changes.js";
import { button, element } from "../../components.js";
import { number, text, zoneSentence } from "../../localization.js";
import { setCount } from "../../navigation.js";
import { countOf, readNewest, waitingInWords } from "../../waiting-count.js";
import { openLesson } from "../lesson/panel.js";
import { kindSection } from "./kind-section.js";

const KINDS = ["claim", "parents_word", "absence_notice"];
/** What the heading and the navigation count: announced absences ask for nothing. */
const COUNTED = 2;
/** So often it is looked whether something new waits. */
const LOOK_MS = 60_000;

/** Make the button that shows what came since: `{ element, show(added) }`, with what `unseen` returned for each section. */
function newItems(sections) {
  let waiting = [];
  const show = button("", () => {
    const lines = waiting.flatMap((items, index) => (items.length ? sections[index].add(items) : []));
    offer([]);
    lines[0]?.focus();
  });
  const place = element("div", { class: "new-items", role: "status" });

  function offer(found) {
    waiting = found;
    const count = found.reduce((sum, items) => sum + items.length, 0);
    show.textContent = text("claims.new", { count, number: number(count) });
    // What is put there again would be read out again.
    if (count && !show.isConnected) place.append(show);
    if (!count) show.remove();
  }

  return { element: place, offer };
}

/** Show what waits. */
export async function show({ main, notice, identity, signal }) {
  const title = element("h1", { tabindex: -1 }, text("shell.pages.claims"));
  const summary = element("p", { class: "quiet", role: "status" }, text("shell.loading"));
  const place = element("div", { class: "panel-place" });

  function open(sessionId) {
    const opener = document.activeElement;
    const written = ({ id }) => announceChange(id);
    openLesson(sessionId, {
      identity,
      signal,
      place,
      onDecided: written,
      onChanged: written,
      onClosed: () => opener?.focus(),
    });
  }

  function summarize() {
    if (!sections.every((section) => section.isLoaded())) return;
    const isNothing = sections.every((section) => section.waiting() === 0);
    summary.textContent = isNothing
      ? text("claims.nothing")
      : `${text("claims.oldestFirst")} ${text("common.sentence", { words: zoneSentence() })}`;
    lists.removeAttribute("aria-busy");
  }

  /** Count what waits, offer to show what came since, and show what others settled. Where that fails, what was counted before stays. */
  async function look() {
    const answers = await Promise.all(KINDS.map((kind) => readNewest(kind, signal))).catch(() => null);
    if (!answers || signal.aborted) return;
    const counted = answers.slice(0, COUNTED);
    const words = waitingInWords(counted);
    title.textContent = text("claims.titleOf", { count: countOf(counted).count, number: words || number(0) });
    setCount("claims", words);
    if (!sections.every((section) => section.isLoaded())) return;
    news.offer(sections.map((section, index) => section.unseen(answers[index].items)));
    for (const [index, section] of sections.entries()) section.compare(answers[index]);
  }

  const sections = KINDS.map((kind) => kindSection(kind, { identity, notice, signal, open, onChanged: summarize }));
  const news = newItems(sections);
  const lists = element(
    "div",
    { class: "waiting-lists", "aria-busy": "true" },
    sections.map((section) => section.element),
  );
  main.replaceChildren(title, summary, news.element, element("div", { class: "claims-view" }, lists, place));
  const lookIfSeen = () => document.hidden || look();
  const timer = setInterval(lookIfSeen, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  document.addEventListener("visibilitychange", lookIfSeen, { signal });
  onChange(look, signal);
  await Promise.all([look(), ...sections.map((section) => section.load())]);
}

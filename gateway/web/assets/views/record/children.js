// The lessons of a parent's children, one child at a time.

import { call } from "../../api.js";
import { element, face, isolated } from "../../components.js";
import { number, text, zoneSentence } from "../../localization.js";
import { newestClaims } from "./lesson-state.js";
import { seenBy, unseenAnswers } from "./new-answers.js";
import { studentRecord } from "./record.js";

/** More children than any parent has, so one page is enough. */
const MAX_CHILDREN = 200;
/** The record that is shown: `{ record, studentId, isFirst, end }`; `end` ends it. */
let shown = null;

function choices(children, chosen) {
  const links = children.map(({ student_id: id, name }) =>
    element(
      "li",
      {},
      element(
        "a",
        { href: `#/children/${id}`, "aria-current": id === chosen?.student_id && "page" },
        face(name),
        isolated(name),
        element("span", { class: "news", "data-student": id }),
      ),
    ),
  );
  return element("nav", { class: "children", "aria-label": text("record.children.choose") }, element("ul", {}, links));
}

/** Show on the way to each child how many answers about them the person has not looked at. */
function showNews(place, claims, userId) {
  for (const news of place.querySelectorAll(".news")) {
    const ofChild = newestClaims(claims, Number(news.dataset.student));
    const count = unseenAnswers(ofChild, userId, seenBy(userId)).length;
    const visible = element("span", { class: "count", "aria-hidden": "true" }, number(count));
    const said = element("span", { class: "unseen" }, " ", text("record.answers", { count }));
    news.replaceChildren(...(count ? [visible, said] : []));
  }
}

/** Show the lessons of the child whom the address names (`#/children/28`), else of the first one; and one over them. */
export async function show(visit) {
  const {
    main,
    notice,
    identity,
    parameters: [studentId, sessionId],
    signal,
    viewSignal,
    again,
  } = visit;
  const isSame = studentId ? shown?.studentId === Number(studentId) : shown?.isFirst;
  if (again && isSame) return shown.record.show(sessionId, visit);
  shown?.end.abort();
  shown = null;
  const title = element("h1", { tabindex: -1 }, text("shell.pages.children"));
  const zone = element("p", { class: "quiet zone" }, text("common.sentence", { words: zoneSentence() }));
  const place = element("div", { "aria-busy": "true" }, element("p", { class: "quiet" }, text("shell.loading")));
  main.replaceChildren(element("div", { class: "view-head" }, title, zone), place);

  function showRecordOf({ student_id: id, name }, isFirst) {
    title.replaceChildren(isolated(name));
    const end = new AbortController();
    const lasting = AbortSignal.any([viewSignal, end.signal]);
    const record = studentRecord({
      identity,
      studentId: id,
      name,
      base: `#/children/${id}`,
      notice,
      onClaims: (claims) => showNews(place, claims, identity.userId),
      signal: lasting,
    });
    shown = { record, studentId: id, isFirst, end };
    place.append(record.element);
    record.show(sessionId, { ...visit, again: false });
  }

  function fill(children) {
    const chosen = studentId ? children.find((child) => child.student_id === Number(studentId)) : children[0];
    place.replaceChildren(...(children.length > 1 || !chosen ? [choices(children, chosen)] : []));
    if (chosen) showRecordOf(chosen, chosen === children[0]);
    else place.append(element("p", { class: "card empty" }, text("record.children.notYours")));
  }

  async function load() {
    try {
      const { students } = await call("/api/students", { query: { page_size: MAX_CHILDREN }, signal });
      if (signal.aborted) return;
      place.removeAttribute("aria-busy");
      if (students.length > 0) fill(students);
      else place.replaceChildren(element("p", { class: "card empty" }, text("record.children.none")));
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }
  return load();
}

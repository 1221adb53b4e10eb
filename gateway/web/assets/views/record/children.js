// The attendance records of a parent's children.

import { call } from "../../api.js";
import { element, isolated } from "../../components.js";
import { text } from "../../localization.js";
import { studentRecord } from "./record.js";

/** More children than any parent has, so one page is enough. */
const MAX_CHILDREN = 200;

function choices(children, chosen) {
  const links = children.map(({ student_id: id, name }) =>
    element(
      "li",
      {},
      element("a", { href: `#/children/${id}`, "aria-current": id === chosen?.student_id && "page" }, isolated(name)),
    ),
  );
  return element("nav", { class: "children", "aria-label": text("people.children.choose") }, element("ul", {}, links));
}

/** Show the record of the child whom the address names (`#/children/28`), else of the first one. */
export async function show({ main, notice, identity, parameters: [studentId], signal }) {
  const title = element("h1", { tabindex: -1 }, text("people.children.title"));
  const place = element(
    "div",
    { "aria-busy": "true" },
    element("p", { class: "quiet" }, text("people.children.loading")),
  );
  main.replaceChildren(title, place);

  function recordOf(child) {
    if (!child) return element("p", {}, text("people.children.notYours"));
    title.textContent = text("people.record.titleOf", { name: child.name });
    const whose = { identity, studentId: child.student_id, onlyTheirs: true };
    return studentRecord({ ...whose, mayReport: true, notice, signal }).element;
  }

  function fill(children) {
    if (!children.length) return [element("p", {}, text("people.children.none"))];
    const chosen = studentId ? children.find((child) => child.student_id === Number(studentId)) : children[0];
    const isOnly = children.length === 1 && chosen;
    return [...(isOnly ? [] : [choices(children, chosen)]), recordOf(chosen)];
  }

  async function load() {
    try {
      const { students } = await call("/api/students", { query: { page_size: MAX_CHILDREN }, signal });
      place.replaceChildren(...fill(students));
      place.removeAttribute("aria-busy");
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }
  await load();
}

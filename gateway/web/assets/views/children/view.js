// The records of a parent's children.

import { call } from "../../api.js";
import { element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { studentRecord } from "../record/record.js";

/** More children than any parent has: all come on one page. */
const ALL_CHILDREN = 200;

function choices(children, chosen) {
  const links = children.map(({ student_id: id, name }) => element("li", {},
    element("a", { href: `#/children/${id}`, "aria-current": id === chosen.student_id && "page" }, name)));
  return element("nav", { class: "children", "aria-label": text("people.children.choose") }, element("ul", {}, links));
}

function recordOf(child, { identity, notice, signal }) {
  const options = { identity, studentId: child.student_id, onlyTheirs: true, mayReport: true, notice, signal };
  return [element("h2", { class: "whose" }, text("people.record.titleOf", { name: child.name })), studentRecord(options).element];
}

/** Show the child of the address (`#/children/28`), else the first one. */
export async function show(visit) {
  const { main, notice, parameters: [studentId], signal } = visit;
  const place = element("div", { "aria-busy": "true" }, element("p", { class: "quiet" }, text("people.children.loading")));
  main.replaceChildren(element("h1", { tabindex: -1 }, text("people.children.title")), place);

  function fill(children) {
    const chosen = studentId ? children.find((child) => child.student_id === Number(studentId)) : children[0];
    if (!children.length) return [element("p", {}, text("people.children.none"))];
    if (!chosen) return [choices(children, {}), element("p", {}, text("people.children.notYours"))];
    return [children.length > 1 ? choices(children, chosen) : null, ...recordOf(chosen, visit)].filter(Boolean);
  }

  async function load() {
    try {
      const { students } = await call("/api/students", { query: { page_size: ALL_CHILDREN }, signal });
      place.replaceChildren(...fill(students));
      place.removeAttribute("aria-busy");
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }
  await load();
}

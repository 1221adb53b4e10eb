// The courses that a policy can be for, by name.

import { call } from "../../api.js";
import { element } from "../../components.js";
import { language, text } from "../../localization.js";
import { PagedList } from "../../pagination.js";

const PAGE_SIZE = 200;

/** Read all courses. */
export async function readCourses(signal) {
  const pages = new PagedList({
    readPage: (pageToken) =>
      call("/api/admin/courses", { query: { page_size: PAGE_SIZE, page_token: pageToken }, signal }),
    rowsOf: ({ courses }) => courses,
    minRows: Number.POSITIVE_INFINITY,
  });
  await pages.next(signal);
  return pages.rows;
}

/** Return what a course (courses.id) is called; of the same name there may be several. */
export function courseName(courses, id) {
  const name = courses.find((course) => course.course_id === id)?.name;
  if (!name) return text("policies.oneCourse", { course: id });
  const isAlone = courses.filter((course) => course.name === name).length === 1;
  return isAlone ? name : text("policies.courseOfNumber", { name, course: id });
}

/** Make the choice of one course, or of all without a policy of their own: `{ input, problem, element }`. */
export function courseField(courses, chosen) {
  const ids = courses.map(({ course_id: id }) => id);
  // A policy stays when its course has gone.
  const known = chosen === null || ids.includes(chosen) ? ids : [...ids, chosen];
  const collator = new Intl.Collator([language, "en"], { numeric: true });
  const options = known
    .map((id) => ({ id, name: courseName(courses, id) }))
    .toSorted((one, other) => collator.compare(one.name, other.name))
    .map(({ id, name }) => element("option", { value: id }, name));
  const problem = element("p", { class: "problem", id: "course-problem" });
  const input = element(
    "select",
    { id: "course", "aria-describedby": problem.id },
    element("option", { value: "" }, text("policies.allCourses")),
    options,
  );
  input.value = chosen ?? "";
  const label = element("label", { for: input.id }, text("policies.course"));
  return { input, problem, element: element("div", { class: "limit" }, label, input, problem) };
}

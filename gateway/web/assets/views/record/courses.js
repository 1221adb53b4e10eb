// How often a student attended each course, and with which tutor.

import { element, face, isolated } from "../../components.js";
import { duration, number, text } from "../../localization.js";
import { byCourse } from "./figures.js";
import { shareInWords } from "./tiles.js";

function courseLine({ course, tutor, share, attended, marked, late, absent, minutes }) {
  const facts = [
    text("record.figures.of", { attended: number(attended), count: marked }),
    late > 0 && text("common.tally.late", { count: number(late) }),
    absent > 0 && text("common.tally.absent", { count: number(absent) }),
    minutes > 0 && duration(minutes),
  ];
  return element(
    "li",
    {},
    face(tutor),
    element(
      "div",
      { class: "what", title: course },
      element("b", {}, isolated(course)),
      element("span", { class: "quiet small" }, isolated(tutor)),
    ),
    element("b", { class: "share" }, shareInWords(share)),
    element("span", { class: "quiet small facts" }, facts.filter(Boolean).join(" · ")),
  );
}

/** Return the elements of the courses in rows of a report; none without rows. */
export function courses(rows) {
  if (rows.length === 0) return [];
  return [
    element("h2", {}, text("record.courses")),
    element("ul", { class: "courses" }, byCourse(rows).map(courseLine)),
  ];
}

// A student's report, and the choice of a student.

import { showChoice } from "./student-choice.js";
import { showStudent } from "./student.js";

let shown = null;

export function show(visit) {
  const [student = null] = visit.parameters;
  const again = visit.again && student === shown;
  const isElsewhere = visit.again && !again;
  shown = student;
  const done = student ? showStudent({ ...visit, again }) : showChoice({ ...visit, again });
  // What led here is gone, and the application gives the focus to a new view only.
  if (isElsewhere) visit.main.querySelector("h1").focus();
  return done;
}

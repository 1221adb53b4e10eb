// English, by the part of the pages that says it.

import common from "./english/common.js";
import documentation from "./english/documentation.js";
import people from "./english/people.js";
import problems from "./english/problems.js";
import reports from "./english/reports.js";
import session from "./english/session.js";
import sessions from "./english/sessions.js";
import shell from "./english/shell.js";
import whiteboard from "./english/whiteboard.js";

export default { common, documentation, people, problems, reports, session, sessions, shell, whiteboard };

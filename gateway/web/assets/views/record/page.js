// A student's own lessons.

import { call } from "../../api.js";
import { element } from "../../components.js";
import { text, zoneSentence } from "../../localization.js";
import { studentRecord } from "./record.js";

const BASE = "#/record";
let record = null;

/** Return the student's profile: a token need not name it. Null: the account has none. */
async function profileOf(identity, signal) {
  if (identity.profileId) return { student_id: identity.profileId, name: "" };
  const { students } = await call("/api/students", { query: { page_size: 1 }, signal });
  return students[0] ?? null;
}

/** Show a student's own record, and over it the lesson that the address names (`#/record/12`). */
export async function show(visit) {
  const {
    main,
    notice,
    identity,
    parameters: [sessionId],
    signal,
    viewSignal,
    again,
  } = visit;
  if (again && record) return record.show(sessionId, visit);
  record = null;
  const title = element("h1", { tabindex: -1 }, text("shell.pages.record"));
  const zone = element("p", { class: "quiet zone" }, text("common.sentence", { words: zoneSentence() }));
  main.replaceChildren(element("div", { class: "view-head" }, title, zone));

  async function load() {
    try {
      const profile = await profileOf(identity, signal);
      const name = profile?.name || text("record.mine");
      const studentId = profile?.student_id ?? null;
      if (signal.aborted) return;
      record = studentRecord({ identity, studentId, name, base: BASE, notice, signal: viewSignal });
      main.append(record.element);
      record.show(sessionId, { ...visit, again: false });
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, load);
    }
  }
  return load();
}

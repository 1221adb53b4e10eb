// The lessons of one student, page by page.

import { call } from "../../api.js";

const LESSONS_PER_PAGE = 20;

/**
 * Return a function that gets the next lessons of a student, newest first: `{ lessons, isLast }`. Without a student they
 * are all those of the caller; parents see the lessons of several children together, so theirs are looked through until
 * a page is full.
 */
export function lessonPages(studentId, signal) {
  let pageToken = "";
  /** Not returned yet: what was read before a failure is not lost by it. */
  let lessons = [];
  const isTheirs = ({ students }) => studentId === null || students.some((student) => student.student_id === studentId);
  return async function next() {
    do {
      const query = { page_size: LESSONS_PER_PAGE, page_token: pageToken };
      const { sessions, next_page_token: nextToken } = await call("/api/tutor/sessions", { query, signal });
      lessons.push(...sessions.filter(isTheirs));
      pageToken = nextToken;
    } while (pageToken && lessons.length < LESSONS_PER_PAGE);
    const found = lessons;
    lessons = [];
    return { lessons: found, isLast: !pageToken };
  };
}

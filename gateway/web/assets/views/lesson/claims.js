// The claims about a session, in its dialog: raising one, and what became of them.

import { call } from "../../api.js";
import { button, element, loadStyle, NOT_MARKED } from "../../components.js";
import { text } from "../../localization.js";
import { claimActions, claimInWords, MAX_CLAIMS } from "../claims/claim.js";

/** Return those of a session's students to whose mark a person may object (record/lesson-state.js), whose `claims` are known. */
async function claimableBy(role, session, claims) {
  const marked = session.students.filter(({ attendance_source: source }) => source !== NOT_MARKED);
  if (!marked.length) return [];
  const { newestClaims, recordOf, wordOf } = await import("../record/lesson-state.js");
  return marked.filter(({ student_id: id }) => {
    const newest = newestClaims(claims, id).get(session.id);
    return wordOf(role, session, recordOf(session, id), newest) === "claim";
  });
}

/**
 * Make the section. `show(session, mayClaim)` reads the claims again and shows them; `mayClaim` is whether the person
 * signed in, `identity`, may raise one. `frame` is the dialog; `attempt(work, again)` does a call, and returns null and says
 * so if it failed; `onChanged(sentence)` is called after one.
 */
export function claimsSection({ identity, frame, attempt, onChanged }) {
  const heading = element("h3", { tabindex: -1 }, text("claims.title"));
  const list = element("ul", { class: "claims" });
  const actions = element("div", { class: "actions" });
  const section = element("section", { class: "claims-part", hidden: true }, heading, list, actions);
  let claims = [];
  let shown = null;

  /** Ask in the same form as the list of lessons, which is loaded for those who object alone. */
  async function raise(session, { student_id: id }) {
    const [{ sayWhatWasRight }, { recordOf }] = await Promise.all([
      import("../record/words.js"),
      import("../record/lesson-state.js"),
      loadStyle("record"),
    ]);
    if (frame.closed.aborted) return;
    const isSent = await sayWhatWasRight(session, recordOf(session, id), {
      identity,
      how: "claim",
      signal: frame.closed,
    });
    if (!isSent || frame.closed.aborted) return;
    await onChanged(text("claims.sent"));
    heading.focus();
  }

  function raiseButton(session, student) {
    const context = element("span", { class: "unseen" }, text("claims.about", { name: student.name }));
    return button([text("claims.raise"), context], () => raise(session, student), { class: "small" });
  }

  function claimItem(claim) {
    const actions = claimActions(claim, identity, {
      attempt,
      async onAnswered() {
        await onChanged(text(`claims.saved.${claim.raised_by === identity.userId ? "takenBack" : "answered"}`));
        heading.focus();
      },
      async onOutdated() {
        await read();
        heading.focus();
      },
    });
    return element("li", {}, claimInWords(claim), actions);
  }

  function fill(session, claimable) {
    list.replaceChildren(...claims.map(claimItem));
    actions.replaceChildren(...claimable.map((student) => raiseButton(session, student)));
    heading.classList.toggle("unseen", claims.length === 0);
    section.hidden = claims.length === 0 && claimable.length === 0;
  }

  async function read() {
    const query = { session_id: shown.session.id, page_size: MAX_CLAIMS };
    try {
      ({ claims } = await call("/api/claims", { query, signal: frame.closed }));
      if (claims.length) await loadStyle("claims");
    } catch {
      // What was read before stays. The list says how many claims are open, and an answer is refused if it is too late.
    }
    const { session, mayClaim } = shown;
    const claimable = mayClaim ? await claimableBy(identity.role, session, claims) : [];
    if (!frame.closed.aborted && session === shown.session) fill(session, claimable);
  }

  return {
    element: section,
    async show(session, mayClaim) {
      shown = { session, mayClaim };
      await read();
    },
  };
}

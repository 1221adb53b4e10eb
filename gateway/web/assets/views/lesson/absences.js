// Absences that were announced for a session, and announcing them before it begins.

import { button, element, isolated } from "../../components.js";
import { text } from "../../localization.js";
import { sendAbsenceNotice } from "../../writes.js";
import { sentenceField } from "./question.js";

/**
 * Return `{ name, role, reason, about }` of everyone in a session: `reason` is undefined where no absence is announced,
 * `about` says to AnnounceAbsence whom it is about.
 */
function peopleIn(session, identity) {
  const tutor = {
    name: session.tutor_name,
    isYou: identity.role === "tutor",
    role: "tutor",
    reason: session.tutor_absence_announced,
    about: { about_tutor: true },
  };
  const students = session.students.map(({ name, student_id: id, absence_announced: reason }) => ({
    name,
    isYou: identity.role === "student",
    role: "student",
    reason,
    about: { student_id: id },
  }));
  return [tutor, ...students];
}

function sentenceAbout({ name, isYou, reason }) {
  const who = element("strong", {}, isYou ? text("lesson.you") : isolated(name || text("lesson.nameless")));
  if (reason === undefined) return who;
  return element("span", {}, who, " ", text("lesson.absences.will", { reason }));
}

async function askWhy(frame, name) {
  const reason = sentenceField(text("lesson.absences.reason"), { isRequired: true });
  const agreed = await frame.ask({
    title: text("lesson.absences.title"),
    content: [element("p", {}, text("lesson.absences.question", { name })), ...reason.elements],
    agree: text("lesson.absences.announce"),
    isReady: reason.isGiven,
  });
  return agreed ? reason.value() : null;
}

/**
 * Make the section, to be filled by `show(session, roles, identity)`: `roles` are those (of `tutor` and `student`) whose absence the
 * person signed in may announce now. `attempt(work, again)` does a call, and returns null and says so if it failed;
 * `onChanged(sentence)` is called after one.
 */
export function absencesSection({ frame, attempt, onChanged }) {
  const heading = element("h3", { tabindex: -1 }, text("lesson.absences.heading"));
  const list = element("ul", { class: "absences" });
  const section = element("section", { class: "absences-part", hidden: true }, heading, list);

  async function send(session, { about }, notice) {
    const sent = await attempt(
      () => sendAbsenceNotice(session.id, { ...about, ...notice }),
      () => send(session, { about }, notice),
    );
    if (!sent) return;
    await onChanged(text("lesson.absences.saved"));
    heading.focus();
  }

  async function announce(session, person) {
    const reason = await askWhy(frame, person.name);
    if (reason !== null && !frame.closed.aborted) await send(session, person, { reason });
  }

  function action(session, person) {
    const unseen = element("span", { class: "unseen" }, text("lesson.absences.of", { name: person.name }));
    if (person.reason === undefined) {
      return button([text("lesson.absences.open"), unseen], () => announce(session, person), { class: "small" });
    }
    return button([text("lesson.absences.takeBack"), unseen], () => send(session, person, { withdrawn: true }), {
      class: "small",
    });
  }

  return {
    element: section,
    show(session, roles, identity) {
      const shown = peopleIn(session, identity).filter(
        ({ role, reason }) => reason !== undefined || roles.includes(role),
      );
      section.hidden = shown.length === 0;
      list.replaceChildren(
        ...shown.map((person) =>
          element("li", {}, sentenceAbout(person), roles.includes(person.role) && action(session, person)),
        ),
      );
    },
  };
}

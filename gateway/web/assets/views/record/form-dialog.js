// A short form about one lesson in a dialog (a sheet on phones). It stays open, with what was typed, until it is sent.

import { button, element, isolated, notices } from "../../components.js";
import { day, scheduledRange, text } from "../../localization.js";
import { closedByBack } from "./closed-by-back.js";

/** What the API takes in notes and reasons (docs/api.md). */
const MAX_CHARACTERS = 2000;
/** What was typed and not sent, while the page is open, by person, lesson and form. */
const drafts = new Map();

/** Make a field for a sentence: `{ element, value, restore, problem }`. */
export function sentenceField(label, { isRequired = false } = {}) {
  const problem = element("p", { class: "problem", id: "sentence-problem", role: "status" });
  const field = element("textarea", {
    id: "sentence",
    rows: 3,
    maxlength: MAX_CHARACTERS,
    "aria-describedby": problem.id,
    "aria-required": String(isRequired),
    oninput: () => problem.replaceChildren(),
  });
  const value = () => field.value.trim();
  return {
    element: element(
      "div",
      { class: "field" },
      element("label", { for: field.id }, isRequired ? text("record.form.required", { label }) : label),
      field,
      problem,
    ),
    value,
    restore(typed) {
      field.value = typed ?? "";
    },
    isGiven() {
      const isMissing = isRequired && !value();
      problem.textContent = isMissing ? text("record.form.writeWhy") : "";
      if (isMissing) field.focus();
      return !isMissing;
    },
  };
}

/** Make a choice of one of some statuses, of the same shape as a sentence's field; `recorded` is the present one, if any. */
export function statusField(label, statuses, recorded = null) {
  const problem = element("p", { class: "problem", id: "status-problem", role: "status" });
  const radios = statuses.map((status) =>
    element("input", { type: "radio", name: "status", value: status, onchange: () => problem.replaceChildren() }),
  );
  const labels = radios.map((radio) =>
    element("label", {}, radio, element("span", {}, text(`common.status.${radio.getAttribute("value")}`))),
  );
  const chosen = () => radios.find(({ checked }) => checked)?.value;
  return {
    element: element(
      "fieldset",
      { class: "field", role: "radiogroup", "aria-describedby": problem.id },
      element("legend", {}, label),
      recorded && element("p", { class: "quiet small" }, text("record.form.recorded", { status: recorded })),
      element("div", { class: "choice" }, labels),
      problem,
    ),
    value: chosen,
    restore(status) {
      for (const radio of radios) radio.checked = radio.value === status;
    },
    isGiven() {
      problem.textContent = chosen() ? "" : text("record.form.choose");
      if (!chosen()) radios[0].focus();
      return Boolean(chosen());
    },
  };
}

function lessonLine({ course_name: course, session_date: date, start_time: start, end_time: end }) {
  const when = date
    ? [
        " · ",
        day(date),
        start && end ? [text("common.comma"), element("span", { class: "hours" }, scheduledRange(start, end))] : [],
      ]
    : [];
  return element("p", { class: "quiet" }, isolated(course), when);
}

/**
 * Ask in a form named `title` about a session, and send it: `send(...values of fields)` may fail, and then it says so and
 * stays open. Returns whether it was sent. Closing it keeps what was typed for the next time.
 */
export function askAbout(session, { userId, title, explained, fields, agree, send, signal }) {
  const key = `${userId}/${session.id}/${title}`;
  const notice = notices();
  const heading = element("h2", { id: "form-title", tabindex: -1 }, title);
  let isSent = false;

  async function submit() {
    // All that is missing is said at once; the first of it gets the focus, so it is asked last.
    if (fields.toReversed().filter((field) => !field.isGiven()).length) return;
    try {
      await send(...fields.map((field) => field.value()));
    } catch (problem) {
      if (!signal.aborted) notice.warn(problem, submit);
      return;
    }
    isSent = true;
    leave();
  }

  const go = button(agree, submit, { class: "primary" });
  const dialog = element(
    "dialog",
    { class: "word-form", "aria-labelledby": heading.id },
    heading,
    lessonLine(session),
    fields.map((field) => field.element),
    element("p", { class: "quiet small" }, explained),
    element(
      "div",
      { class: "actions" },
      go,
      button(text("common.cancel"), () => leave()),
    ),
    notice.element,
  );
  for (const [index, field] of fields.entries()) field.restore(drafts.get(key)?.[index]);
  document.getElementById("main").append(dialog);
  signal.addEventListener("abort", () => dialog.close(), { once: true });
  dialog.showModal();
  const leave = closedByBack(() => dialog.close(), signal);
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    leave();
  });
  return new Promise((resolve) => {
    dialog.addEventListener("close", (event) => {
      if (event.target !== dialog) return;
      // Browsers close it themselves at a second Escape.
      leave();
      if (isSent) drafts.delete(key);
      else
        drafts.set(
          key,
          fields.map((field) => field.value()),
        );
      dialog.remove();
      resolve(isSent);
    });
  });
}

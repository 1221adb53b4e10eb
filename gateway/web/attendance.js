// The plain attendance page: the sessions of whoever is signed in, the suggestion for one of them, and the decision.
// Whatever the API answers reaches the page as text, never as markup.

import { watchStatus } from "/live-status.js";

const STATUSES = { present: "✅ Present", late: "⏰ Late", absent: "❌ Absent" };
const NOT_MARKED = "system_default";
/** Lessons whose whiteboard people may be on. */
const OPEN_STATUSES = new Set(["scheduled", "in-progress", "in_progress"]);
const SOURCE_ICONS = { manual: "✋", whiteboard_auto: "🤖", parent_reported: "👨‍👩‍👧", admin_override: "⚙️", [NOT_MARKED]: "📝" };
const PARTS = ["chooser", "people", "message", "sessions", "more", "dialog"];
const page = Object.fromEntries(PARTS.map((id) => [id, document.getElementById(id)]));
let nextPageToken = "";

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function button(text, onclick) {
  return element("button", { type: "button", onclick }, text);
}

function say(text, isProblem = false) {
  page.message.textContent = text;
  page.message.className = isProblem ? "problem" : "quiet";
}

async function call(path, options = {}) {
  const token = localStorage.getItem("token");
  if (!token) throw new Error("You are not signed in. Sign in on the platform, then load this page again.");
  let response;
  try {
    response = await fetch(path, { ...options, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
  } catch {
    throw new Error("The server can't be reached. Check the connection and try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || `The server answered ${response.status}. Try again.`);
  return answer;
}

// --- The list ---

function badge(status, source) {
  if (!source || source === NOT_MARKED) return element("span", { className: "quiet" }, "not marked yet");
  return element("span", { className: status in STATUSES ? status : "" }, STATUSES[status] ?? status ?? "unknown");
}

function pairs(entries) {
  const rows = entries.filter(([, value]) => value !== null);
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function card(session) {
  const source = session.attendance_source || NOT_MARKED;
  const open = button(source === NOT_MARKED ? "📋 Mark attendance" : "Look again", () => show(session));
  open.setAttribute("aria-label", `${open.textContent}: ${session.course_name}, ${session.session_date}`);
  open.dataset.session = session.id;
  const [start, end] = [session.start_time, session.end_time].map((time) => time.slice(0, 5));
  return element("li", {},
    element("h2", {}, session.course_name),
    element("p", { className: "quiet" }, `${session.session_date}, ${start} to ${end}, ${session.status}`),
    pairs([
      ["With", `${session.tutor_name} and ${session.student_name}`],
      ["Tutor", badge(session.tutor_attendance_status, session.tutor_attendance_source)],
      ["Student", badge(session.student_attendance_status, session.student_attendance_source)],
      ["Source", `${SOURCE_ICONS[source] ?? "📝"} ${source}`],
    ]),
    session.attendance_notes ? element("p", {}, `📝 ${session.attendance_notes}`) : null,
    session.status === "cancelled" ? null : open,
  );
}

async function load(pageToken = "") {
  try {
    const answer = await call(`/api/tutor/sessions?page_token=${encodeURIComponent(pageToken)}`);
    const cards = answer.sessions.map(card);
    if (pageToken) page.sessions.append(...cards);
    else page.sessions.replaceChildren(...cards);
    nextPageToken = answer.next_page_token;
    page.more.hidden = !nextPageToken;
    say(page.sessions.children.length ? "" : "There are no sessions yet.");
  } catch (error) {
    if (!pageToken) page.sessions.replaceChildren();
    say(error.message, true);
  }
}

// --- One session ---

function measured(metrics) {
  const number = (value, unit) => (value === undefined ? null : `${value}${unit}`);
  return pairs([
    ["Lateness", number(metrics.lateness_minutes, " min")],
    ["Engagement", number(metrics.engagement_percentage, "%")],
    ["Active time", `${metrics.active_minutes} min`],
  ]);
}

function person(title, status, confidence, metrics, reasons) {
  return element("section", {},
    element("h3", {}, title),
    element("p", {}, element("span", { className: status }, STATUSES[status] ?? status), ` (${confidence} confidence)`),
    measured(metrics),
    element("p", { className: "quiet" }, metrics.reason || reasons.join(", ")),
  );
}

function people(suggestion) {
  const { students } = suggestion;
  return [
    person("Tutor", suggestion.tutor_status_suggestion, suggestion.tutor_confidence, suggestion.tutor_metrics, suggestion.tutor_reasons),
    person(students.length > 1 ? "Students together" : "Student", suggestion.student_status_suggestion, suggestion.student_confidence,
      suggestion.student_metrics, suggestion.student_reasons),
    ...(students.length > 1 ? students : []).map((one) => person(one.name, one.status_suggestion, one.confidence, one.metrics, one.reasons)),
  ];
}

function suggestionPart(suggestion, decide) {
  const parts = suggestion.has_whiteboard ? people(suggestion) : [];
  parts.push(element("p", {}, suggestion.overall_recommendation));
  if (suggestion.has_whiteboard && !suggestion.provisional) {
    const accept = button("✅ Accept suggestion", () => decide({ use_suggestion: true, etag: suggestion.etag }));
    parts.push(element("div", { className: "actions" }, accept));
  }
  return parts;
}

function statusChoice(name, label) {
  const options = Object.entries({ "": "as it is", ...STATUSES }).map(([value, text]) => element("option", { value }, text));
  return element("label", {}, label, element("select", { name }, ...options));
}

function manualPart(session, decide) {
  const form = element("form", {},
    element("fieldset", {},
      element("legend", {}, "✏️ Mark by hand"),
      statusChoice("tutor_attendance_status", "Tutor"),
      statusChoice("student_attendance_status", "Student"),
      element("label", {}, "Notes (optional)", element("textarea", { name: "attendance_notes", maxLength: 2000, rows: 2 })),
      element("div", { className: "actions" }, element("button", {}, "Save"), button("Close", () => page.dialog.close())),
    ));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    decide({ ...Object.fromEntries(filled), attendance_etag: session.attendance_etag });
  });
  return form;
}

function livePart(session) {
  if (!session.whiteboard_id || !OPEN_STATUSES.has(session.status)) return null;
  const now = element("span", { role: "status" });
  const closing = new AbortController();
  page.dialog.addEventListener("close", () => closing.abort(), { once: true });
  const place = (isConnected) => (isConnected ? "is here" : "is not here");
  watchStatus(session.whiteboard_id, {
    token: () => localStorage.getItem("token"),
    signal: closing.signal,
    onState({ status }) {
      now.textContent = `Now: the tutor ${place(status.tutor_connected)}, the student ${place(status.student_connected)}. `;
    },
    onTrouble() { now.textContent = ""; },
  });
  return element("p", { id: "live" }, now, element("a", { href: `/whiteboard?session=${session.whiteboard_id}` }, "Open the whiteboard"));
}

async function show(session) {
  const message = element("p", { role: "status", className: "quiet" }, "Loading the suggestion …");
  const suggestion = element("div");
  const refuse = (error) => Object.assign(message, { textContent: error.message, className: "problem" }).scrollIntoView({ block: "nearest" });
  const decide = (decision) => save(session, decision).catch(refuse);
  page.dialog.replaceChildren(
    element("h2", { id: "dialog-title", tabIndex: -1, autofocus: true }, session.course_name),
    element("p", { className: "quiet" }, `${session.session_date}, ${session.tutor_name} and ${session.student_name}`),
    ...[livePart(session), message, suggestion, manualPart(session, decide)].filter((part) => part !== null),
  );
  page.dialog.showModal();
  try {
    suggestion.replaceChildren(...suggestionPart(await call(`/api/tutor/sessions/${session.id}/attendance-suggestion`), decide));
    message.textContent = "";
  } catch (error) {
    refuse(error);
  }
}

async function save(session, decision) {
  page.dialog.inert = true; // one decision per click, however impatient
  try {
    const answer = await call(`/api/tutor/sessions/${session.id}/attendance`, { method: "PUT", body: JSON.stringify(decision) });
    page.dialog.close();
    await load();
    say(`Saved: tutor ${answer.tutor_attendance_status}, student ${answer.student_attendance_status}.`);
    document.querySelector(`[data-session="${session.id}"]`)?.focus();
  } finally {
    page.dialog.inert = false;
  }
}

// --- Who is signed in ---

function subject(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub;
  } catch {
    return null;
  }
}

async function offerDemoPeople() {
  const demoPeople = await fetch("/demo-people.json").then((response) => response.json()).catch(() => []);
  if (!demoPeople.length) return;
  const signedIn = subject(localStorage.getItem("token") ?? "");
  const chosen = demoPeople.find(({ token }) => subject(token) === signedIn) ?? demoPeople[0];
  const sign = (token) => localStorage.setItem("token", token);
  page.people.replaceChildren(...demoPeople.map(({ name, role, token }) => element("option", { value: token }, `${name} (${role})`)));
  page.people.value = chosen.token;
  page.people.addEventListener("change", () => { sign(page.people.value); load(); });
  page.chooser.hidden = false;
  sign(chosen.token);
}

page.more.addEventListener("click", () => load(nextPageToken));
await offerDemoPeople();
await load();

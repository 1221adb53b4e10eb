// The demo whiteboard: /whiteboard?session=1. Open it in two windows, as tutor and as student.
// Whatever the API answers reaches the page as text, never as markup.

import { watchStatus } from "/live-status.js";
import { openCanvas } from "./whiteboard-canvas.js";
import { initializeWhiteboard } from "/whiteboard-presence.js";

const PARTS = ["session", "chooser", "people", "presence", "tutor", "student", "trouble", "canvas"];
const page = Object.fromEntries(PARTS.map((id) => [id, document.getElementById(id)]));
const ROLES = { tutor: "Tutor", student: "Student" };
/** Each window is somebody of its own; signed in elsewhere on the platform is the default. */
const KEY = "token";
const sessionId = Number(new URLSearchParams(location.search).get("session") ?? 1);

function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return {};
  }
}

function token() {
  return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
}

function show(element, state, text) {
  Object.assign(element, { textContent: text }).dataset.state = state;
}

function clock(moment) {
  return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

// --- Who is here ---

function showRole(role, status) {
  if (status[`${role}_connected`]) show(page[role], "here", `${ROLES[role]}: here`);
  else if (status[`${role}_disconnected_at`]) show(page[role], "gone", `${ROLES[role]}: gone since ${clock(status[`${role}_disconnected_at`])}`);
  else show(page[role], "gone", `${ROLES[role]}: has not come`);
}

function watch() {
  watchStatus(sessionId, {
    token,
    onState({ status }) {
      page.trouble.textContent = "";
      for (const role of Object.keys(ROLES)) showRole(role, status);
    },
    onTrouble(message) {
      page.trouble.textContent = `Who is here is not known at the moment. ${message}`;
      for (const role of Object.keys(ROLES)) show(page[role], "unknown", `${ROLES[role]}: not known`);
    },
  });
}

// --- Being present ---

function attend(role) {
  const presence = initializeWhiteboard(sessionId, role, { token });
  presence.addEventListener("connected", ({ detail }) => {
    page.presence.dataset.transport = detail.transport;
    show(page.presence, "here", `You are present as ${role}.`);
  });
  presence.addEventListener("reconnecting", ({ detail }) => {
    show(page.presence, "mending", `Your connection is interrupted; it is being restored. ${detail.message}`);
  });
  presence.addEventListener("lost", ({ detail }) => {
    show(page.presence, "gone", `Your presence is not recorded: ${detail.message}`);
  });
  return presence;
}

// --- Who is signed in ---

async function offerDemoPeople() {
  const demoPeople = await fetch("/demo-people.json").then((response) => response.json()).catch(() => []);
  if (!demoPeople.length) return;
  const signedIn = claims(token() ?? "").sub;
  const chosen = demoPeople.find((person) => claims(person.token).sub === signedIn) ?? demoPeople[0];
  const options = demoPeople.map((person) => {
    const option = Object.assign(document.createElement("option"), { value: person.token });
    option.append(`${person.name} (${person.role})`);
    return option;
  });
  page.people.replaceChildren(...options);
  page.people.value = chosen.token;
  page.people.addEventListener("change", () => {
    sessionStorage.setItem(KEY, page.people.value);
    location.reload();
  });
  page.chooser.hidden = false;
  sessionStorage.setItem(KEY, chosen.token);
}

page.session.textContent = sessionId;
await offerDemoPeople();
const { role } = claims(token() ?? "");
const presence = role in ROLES ? attend(role) : null;
if (!presence) show(page.presence, "unknown", "You are watching: only tutors and students take part.");
openCanvas(page.canvas, {
  sessionId,
  role,
  tool: () => document.querySelector("input[name=tool]:checked").value,
  onActivity: (word) => presence?.activity(word),
});
watch();

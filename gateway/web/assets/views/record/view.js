// A student's own record.

import { element } from "../../elements.js";
import { text } from "../../strings/index.js";
import { studentRecord } from "./record.js";

const ADDRESS = "#/record";

/** Show it; with a session in the address (`#/record/12`) that one is open. */
export function show({ main, notice, identity, parameters: [sessionId], signal }) {
  const record = studentRecord({ identity, studentId: identity.profileId, notice, signal });
  main.replaceChildren(element("h1", { tabindex: -1 }, text("people.record.title")), record.element);
  if (sessionId) record.open(Number(sessionId), { onClosed: () => history.replaceState(null, "", ADDRESS) });
}

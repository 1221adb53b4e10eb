// Where `make up` offers demo people, lets one choose who is signed in.

import { element } from "../elements.js";
import { identity, signIn } from "../identity.js";
import { text } from "../strings/index.js";

/** Return the demo's people with fresh tokens; none outside of `make up`. */
async function demoPeople() {
  try {
    return await (await fetch("/demo-people.json")).json();
  } catch {
    return [];
  }
}

function choice({ name, role, token }) {
  return element("option", { value: token }, text("shell.demoPerson", { name, role: text(`common.role.${role}`) }));
}

/** Return a chooser that calls `onChosen`, or null where there is nobody to choose. Signs the first in if nobody is. */
export async function demoChooser(onChosen) {
  const people = await demoPeople();
  if (!people.length) return null;
  const signedIn = identity()?.userId;
  // The token in use may be an older one of the same person, which has expired.
  const chosen = people.find(({ token }) => identity(token).userId === signedIn) ?? people[0];
  signIn(chosen.token);
  const select = element("select", { onchange: () => { signIn(select.value); onChosen(); } }, people.map(choice));
  select.value = chosen.token;
  return element("label", { class: "chooser" }, text("shell.chooser"), select);
}

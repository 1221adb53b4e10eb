// Where `make up` offers demo people, lets one choose who is signed in.

import { element } from "../elements.js";
import { identity, isSame } from "../identity.js";
import { text } from "../strings/index.js";

/** Return the demo's people with the tokens made at its last start; nobody outside of `make up`. */
async function demoPeople() {
  try {
    return await (await fetch("/demo-people.json")).json();
  } catch {
    return [];
  }
}

function tokenOf(someone, people) {
  return people.find(({ token }) => isSame(identity(token), someone))?.token ?? null;
}

/** Return a newer token of the demo person whose token was refused, or null. */
export async function freshToken(refused) {
  return tokenOf(identity(refused), await demoPeople());
}

function choice({ name, role, token }) {
  return element("option", { value: token }, text("shell.demoPerson", { name, role: text(`common.role.${role}`) }));
}

/**
 * Return a chooser, or null where there is nobody to choose from. `signedIn` is the token in use, or null; `signIn(token)`
 * is called with a fresh one of the same person, with the first person's if nobody is signed in, and with each person's
 * who is chosen, in which case `onChosen()` follows.
 */
export async function demoChooser({ signedIn, signIn, onChosen }) {
  const people = await demoPeople();
  if (!people.length) return null;
  const own = identity(signedIn ?? "");
  const chosen = own ? tokenOf(own, people) : people[0].token;
  if (chosen) signIn(chosen);
  const select = element("select", { id: "people", onchange: () => { signIn(select.value); onChosen(); } },
    chosen ? [] : element("option", { value: signedIn }, text("shell.somebodyElse")), people.map(choice));
  select.value = chosen ?? signedIn;
  return element("label", { class: "chooser" }, text("shell.chooser"), select);
}

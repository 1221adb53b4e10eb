// Where `make up` offers demo people: a choice of who is signed in.

import { element } from "./components.js";
import { identity, isSame } from "./identity.js";
import { text } from "./localization.js";

let known = [];

/** Return the demo's people with the tokens made at its last start; an empty list outside of `make up`. */
async function demoPeople() {
  try {
    known = await (await fetch("/demo-people.json")).json();
  } catch {
    // What was known stays.
  }
  return known;
}

/** Return the name of a person of the demo; empty for anybody else. */
export function demoName(person) {
  return known.find(({ token }) => isSame(identity(token), person))?.name ?? "";
}

function tokenOf(person, people) {
  return people.find(({ token }) => isSame(identity(token), person))?.token ?? null;
}

/** Return a newer token of the demo person whose token was refused, or null. */
export async function freshToken(refused) {
  return tokenOf(identity(refused), await demoPeople());
}

function option({ name, role, token }) {
  return element("option", { value: token }, text("shell.demoPerson", { name, role: text(`common.role.${role}`) }));
}

/**
 * Return a chooser, or null where there are no demo people. `signedIn` is the token in use, or null. `signIn(token)` is
 * called at once with a fresh token of the same person, or of the first person if no one is signed in; and with the
 * token of each person who is chosen, followed by `onChosen()`.
 */
export async function demoChooser({ signedIn, signIn, onChosen }) {
  const people = await demoPeople();
  if (!people.length) return null;
  const own = identity(signedIn ?? "");
  const chosen = own ? tokenOf(own, people) : people[0].token;
  if (chosen) signIn(chosen);
  const select = element(
    "select",
    {
      id: "people",
      onchange: () => {
        signIn(select.value);
        onChosen();
      },
    },
    chosen ? [] : element("option", { value: signedIn }, text("shell.somebodyElse")),
    people.map(option),
  );
  select.value = chosen ?? signedIn;
  return element("label", { class: "chooser" }, text("shell.chooser"), select);
}

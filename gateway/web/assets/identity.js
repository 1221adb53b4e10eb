// Who is signed in: the platform's token in localStorage, as its own pages keep it (guide, client code).

const KEY = "token";
/** Both administer the platform (servicekit/auth/principal.py). */
const ADMINS = ["admin", "super_admin"];

function claims(someToken) {
  try {
    const payload = someToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (character) => character.codePointAt(0))));
  } catch {
    return {};
  }
}

/** Return the token, or null. */
export function token() {
  return localStorage.getItem(KEY);
}

/** Sign somebody in, in all of this browser's tabs. */
export function signIn(newToken) {
  localStorage.setItem(KEY, newToken);
}

/** Return the token of whoever this window alone is signed in as, else the one of all tabs, or null. */
export function windowToken() {
  return sessionStorage.getItem(KEY) ?? token();
}

/** Sign somebody in, in this window alone: a whiteboard is opened as tutor and as student beside one another. */
export function windowSignIn(newToken) {
  sessionStorage.setItem(KEY, newToken);
}

/**
 * Return `{ userId, role, profileId }` of whoever a token names, or null. For what is shown only: whether somebody may do
 * something is decided by the services. `role` is the active one, `admin` for all that administer; `profileId` is that
 * role's (student_profiles.id for a student), or null.
 */
export function identity(someToken = token() ?? "") {
  const { sub, role, roles = [], role_ids: ids } = claims(someToken);
  const active = role || roles.toSorted()[0];
  if (!active) return null;
  return { userId: Number(sub), role: ADMINS.includes(active) ? "admin" : active, profileId: Number(ids?.[active]) || null };
}

/** Call `listener` when somebody else is signed in by another tab, or the same person anew. */
export function onSignIn(listener, signal) {
  addEventListener("storage", ({ key }) => { if (key === KEY) listener(); }, { signal });
}

/** Tell whether two identities are of one person in one role. */
export function isSame(one, other) {
  return one?.userId === other?.userId && one?.role === other?.role;
}

let freshTokenFor = async () => null;

/** Let `source(token)` be asked for a fresh token, or null, once the one in use is refused. */
export function renewFrom(source) {
  freshTokenFor = source;
}

/** Tell whether whoever was refused has another token now; nobody else's counts: they did not ask for anything. */
export async function isRenewed(refused) {
  const fresh = token() === refused ? await freshTokenFor(refused) : null;
  if (fresh) signIn(fresh);
  return token() !== refused && isSame(identity(), identity(refused));
}

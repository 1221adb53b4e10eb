// Who is signed in: the platform's token in localStorage, where the platform's own pages keep it.

const KEY = "token";
/** Both count as `admin` (servicekit/auth/principal.py). */
const ADMINS = ["admin", "super_admin"];

function claimsOf(someToken) {
  try {
    const payload = someToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(
      new TextDecoder().decode(Uint8Array.from(atob(payload), (character) => character.codePointAt(0))),
    );
  } catch {
    return {};
  }
}

let isOfWindow = false;

/** From now on, `token` and `signIn` are about this window alone, as far as it has a token of its own. */
export function signInThisWindow() {
  isOfWindow = true;
}

/** Return the token, or null. */
export function token() {
  return isOfWindow ? windowToken() : localStorage.getItem(KEY);
}

/** Use a token in all of this browser's tabs. */
export function signIn(newToken) {
  if (isOfWindow) windowSignIn(newToken);
  else localStorage.setItem(KEY, newToken);
}

/** Forget the token, in all of this browser's tabs. */
export function signOut() {
  localStorage.removeItem(KEY);
}

/** Return the name that the token gives its person; the platform's tokens may have none (empty). */
export function nameInToken() {
  const { name } = claimsOf(token() ?? "");
  return typeof name === "string" ? name : "";
}

/** Return the token of this window alone, else the one of all tabs, or null. */
export function windowToken() {
  return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
}

/** Use a token in this window alone: the demo whiteboard is opened as tutor and as student side by side. */
export function windowSignIn(newToken) {
  sessionStorage.setItem(KEY, newToken);
}

/**
 * Return `{ userId, role, profileId }` of a token, or null if it names no role. It decides what is shown only: what a
 * person may do is decided by the services. `role` is the active role, `profileId` that role's profile
 * (student_profiles.id for a student) or null.
 */
export function identity(someToken = token() ?? "") {
  const { sub, role, roles = [], role_ids: ids } = claimsOf(someToken);
  const active = role || roles.toSorted()[0];
  if (!active) return null;
  return {
    userId: Number(sub),
    role: ADMINS.includes(active) ? "admin" : active,
    profileId: Number(ids?.[active]) || null,
  };
}

/** Call `listener` when another tab stores a token. */
export function onSignIn(listener, signal) {
  addEventListener(
    "storage",
    ({ key }) => {
      if (key === KEY) listener();
    },
    { signal },
  );
}

/** Return whether two identities are the same person in the same role. */
export function isSame(one, other) {
  return one?.userId === other?.userId && one?.role === other?.role;
}

let freshTokenOf = async () => null;

/** Have `source(token)` called for a fresh token (or null) when the token in use is refused. */
export function renewFrom(source) {
  freshTokenOf = source;
}

/** Return whether the person whose token was refused has another one now. A different person's token does not count. */
export async function isRenewed(refused) {
  const fresh = token() === refused ? await freshTokenOf(refused) : null;
  if (fresh) signIn(fresh);
  return token() !== refused && isSame(identity(), identity(refused));
}

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

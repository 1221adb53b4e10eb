// What somebody typed about a session and did not save, for as long as the page is open: leaving by the browser's own
// buttons closes a dialog without asking.

const kept = new Map();

/** The draft `{ statuses, notes }` of one person about one session. */
export function draftOf(userId, sessionId) {
  const key = `${userId}/${sessionId}`;
  return {
    read: () => kept.get(key) ?? null,
    keep: (draft) => kept.set(key, draft),
    forget: () => kept.delete(key),
  };
}

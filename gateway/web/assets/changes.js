// What changed: views read again what another part of the page, or another tab, has written.

const NAME = "attendance";
const listeners = new Set();
const channel = new BroadcastChannel(NAME);

function tell(sessionId) {
  for (const listener of [...listeners]) listener(sessionId);
}

channel.addEventListener("message", ({ data }) => tell(data));

/** Announce that something about a session was written, after any write: to this tab and all others. */
export function announceChange(sessionId) {
  channel.postMessage(sessionId);
  tell(sessionId);
}

/** Call `listener(sessionId)` at each change, until `signal` is aborted. */
export function onChange(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener), { once: true });
}

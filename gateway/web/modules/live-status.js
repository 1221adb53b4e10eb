// Who is connected to a whiteboard, live. It reads server-sent events by fetch, for EventSource can't send a token.

const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
/** The server repeats the state every 15 s; after twice that time without any the connection is dead. */
const SILENCE_TIMEOUT_MS = 35_000;
/** HTTP statuses after which the same request would be refused again. */
const REFUSALS = new Set([400, 403, 404]);
const UNAUTHORIZED = 401;

/** Split a body into the data of its events, parsed (HTML Standard, 9.2; the server sends one line per event). */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield JSON.parse(line.slice("data:".length));
  }
}

/** Wait, but no longer than until the browser is online again. */
async function pause(milliseconds) {
  const over = new AbortController();
  await new Promise((resolve) => {
    addEventListener("online", resolve, { signal: over.signal });
    setTimeout(resolve, milliseconds);
  });
  over.abort();
}

/** Its `signal` is aborted when nothing is received for too long, or when the browser is offline. */
class SilenceTimeout {
  #abort = new AbortController();
  #timer;
  signal = this.#abort.signal;

  constructor() {
    addEventListener("offline", () => this.#abort.abort(), { signal: this.signal });
    this.restart();
  }

  restart() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), SILENCE_TIMEOUT_MS);
  }

  end() {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }
}

/** Read one stream to its end; return what ended it. */
async function listen(url, { token, signal, onState }) {
  const silence = new SilenceTimeout();
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    });
    if (!response.ok) {
      const { message } = await response.json().catch(() => ({}));
      return { status: response.status, message: message ?? `The server answered ${response.status}.` };
    }
    for await (const state of events(response.body)) {
      silence.restart();
      onState(state);
    }
    return { message: "The connection ended." };
  } catch {
    return { message: "The server can't be reached." };
  } finally {
    silence.end();
  }
}

/**
 * Calls `onState` with each state (docs/api.md, live status), and `onTrouble` with a sentence when it is not known any more
 * who is connected. Reconnects by itself, until `signal` is aborted or the server refuses permanently.
 */
export async function watchStatus(sessionId, { token, onState, onTrouble, signal, baseUrl = import.meta.url }) {
  const url = new URL(`/api/whiteboard/sessions/${sessionId}/connection-status/watch`, baseUrl);
  let waitMs = MIN_WAIT_MS;
  let isStale = false;
  while (!signal?.aborted) {
    const begin = performance.now();
    const { status, message } = await listen(url, { token: await token({ isStale }), signal, onState });
    if (signal?.aborted) return;
    onTrouble(message);
    if (REFUSALS.has(status) || (isStale && status === UNAUTHORIZED)) return;
    isStale = status === UNAUTHORIZED;
    if (performance.now() - begin > MAX_WAIT_MS) waitMs = MIN_WAIT_MS;
    // With jitter, so that pages that lost a server together do not come back together.
    await pause(waitMs * (0.5 + Math.random() / 2));
    waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
  }
}

// Who is connected to a whiteboard, live. Reads server-sent events by fetch: EventSource can't send a token.

const FIRST_WAIT_MS = 1_000;
const LAST_WAIT_MS = 30_000;
/** The server repeats the state every 15 s; who hears nothing for twice as long is cut off. */
const SILENCE_LIMIT_MS = 35_000;
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

/** Cuts what it is given as a signal to when nothing is heard for too long, or when the browser knows that it is offline. */
class Silence {
  #cut = new AbortController();
  #alarm;
  signal = this.#cut.signal;

  constructor() {
    addEventListener("offline", () => this.#cut.abort(), { signal: this.signal });
    this.broken();
  }

  broken() {
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => this.#cut.abort(), SILENCE_LIMIT_MS);
  }

  end() {
    clearTimeout(this.#alarm);
    this.#cut.abort();
  }
}

/** Read one stream to its end; return what ended it. */
async function listen(url, { token, signal, onState }) {
  const silence = new Silence();
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
      silence.broken();
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
 * Calls `onState` with each state (docs/api.md, live status), and `onTrouble` with a sentence when it is no longer known
 * who is connected. Comes back by itself, until `signal` says otherwise or the server refuses for good.
 */
export async function watchStatus(sessionId, { token, onState, onTrouble, signal, baseUrl = import.meta.url }) {
  const url = new URL(`/api/whiteboard/sessions/${sessionId}/connection-status/watch`, baseUrl);
  let waitMs = FIRST_WAIT_MS;
  let isStale = false;
  while (!signal?.aborted) {
    const begin = performance.now();
    const { status, message } = await listen(url, { token: await token({ isStale }), signal, onState });
    if (signal?.aborted) return;
    onTrouble(message);
    if (REFUSALS.has(status) || (isStale && status === UNAUTHORIZED)) return;
    isStale = status === UNAUTHORIZED;
    if (performance.now() - begin > LAST_WAIT_MS) waitMs = FIRST_WAIT_MS;
    // With jitter, so that those who lost a server together do not come back together.
    await pause(waitMs * (0.5 + Math.random() / 2));
    waitMs = Math.min(waitMs * 2, LAST_WAIT_MS);
  }
}

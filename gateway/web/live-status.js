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

/**
 * Calls `onState` with each state (docs/api.md, live status), and `onTrouble` with a sentence when it is no longer known
 * who is connected. Comes back by itself, until `signal` says otherwise or the server refuses for good.
 */
export async function watchStatus(sessionId, { token, onState, onTrouble, signal, baseUrl = import.meta.url }) {
  const url = new URL(`/api/whiteboard/sessions/${sessionId}/connection-status/watch`, baseUrl);
  let wait = FIRST_WAIT_MS;
  let isStale = false;
  while (!signal?.aborted) {
    const silence = new AbortController();
    let alarm;
    const heard = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => silence.abort(), SILENCE_LIMIT_MS);
    };
    try {
      heard();
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${await token({ isStale })}` },
        signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
      });
      if (!response.ok) {
        const { message } = await response.json().catch(() => ({}));
        onTrouble(message ?? `The server answered ${response.status}.`);
        if (REFUSALS.has(response.status) || (isStale && response.status === UNAUTHORIZED)) return;
        isStale = response.status === UNAUTHORIZED;
      } else {
        isStale = false;
        for await (const state of events(response.body)) {
          heard();
          wait = FIRST_WAIT_MS;
          onState(state);
        }
        onTrouble("The connection ended.");
      }
    } catch {
      if (!signal?.aborted) onTrouble("The server can't be reached.");
    } finally {
      clearTimeout(alarm);
    }
    await new Promise((resolve) => { setTimeout(resolve, wait * (0.5 + Math.random() / 2)); });
    wait = Math.min(wait * 2, LAST_WAIT_MS);
  }
}

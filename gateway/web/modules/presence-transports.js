// The two transports of whiteboard-presence.js: the presence socket, and REST calls.

const SUBPROTOCOL = "astegni.presence.v1";
const NORMAL_CLOSURE = 1000;
/** Some proxies never answer a handshake, and neither does a network that went away. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Scripts do not see the server's pings, so a lost connection is noticed only by asking for an answer. */
const CHECK_INTERVAL_MS = 30_000;
/** The same activity is not sent more often; a request costs more than a message. */
const SOCKET_ACTIVITY_MS = 1_000;
const REST_ACTIVITY_MS = 5_000;
export const UNREACHABLE = "UNREACHABLE";
const OFFLINE_MESSAGE = "The server can't be reached at the moment.";
const TOKEN_REASONS = new Set(["BEARER_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED"]);
/** Close codes and HTTP statuses after which the same attempt would be refused again. */
const REFUSALS = new Set([1009, 4400, 4403, 4404, 400, 403, 404]);
const MILLISECONDS = 1_000;

/** Why presence can't start or go on. */
export class Interruption extends Error {
  constructor(reason, message, { isFinal = false, retryAfterMs = null } = {}) {
    super(message);
    Object.assign(this, { reason, isFinal, retryAfterMs, isOfToken: TOKEN_REASONS.has(reason) });
  }
}

/** `opened` resolves when presence is recorded, `ended` (to an Interruption) when it no longer is. */
class Transport {
  /** Activities that the server has not confirmed yet, oldest first. */
  unconfirmed = [];
  #lastSentAt = new Map();

  constructor(name, activityIntervalMs) {
    Object.assign(this, { name, activityIntervalMs });
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.opened = new Promise((resolve, reject) => {
      this.open = resolve;
      this.ended.then(reject);
    });
  }

  giveUp() {
    this.end(new Interruption(UNREACHABLE, OFFLINE_MESSAGE));
  }

  activity(word) {
    const now = performance.now();
    if (now - (this.#lastSentAt.get(word) ?? -Infinity) < this.activityIntervalMs) return;
    this.#lastSentAt.set(word, now);
    this.send(word);
  }
}

/** The presence socket (docs/presence-socket.md): its user is present while it is open. */
export class SocketTransport extends Transport {
  #confirmed = 0;
  #error = null;
  #retryAfterMs = null;
  #isDelayed = false;
  #unanswered = null;

  constructor({ baseUrl, sessionId, role }, token) {
    super("socket", SOCKET_ACTIVITY_MS);
    const url = new URL(`/ws/whiteboard/${sessionId}?user_type=${role}`, baseUrl);
    url.protocol = url.protocol.replace("http", "ws");
    this.socket = new WebSocket(url, [SUBPROTOCOL, `bearer.${token}`]);
    this.socket.addEventListener("open", () => this.#sendUnconfirmed());
    this.socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    this.socket.addEventListener("close", ({ code, reason }) => this.end(this.#interruption(code, reason)));
    this.#expectAnswer();
    const checks = setInterval(() => this.check(), CHECK_INTERVAL_MS);
    this.ended.then(() => clearInterval(checks));
  }

  send(word) {
    this.unconfirmed.push(word);
    if (this.socket.readyState === WebSocket.OPEN) this.#transmit(word);
  }

  /** Ask for an answer; a connection that does not answer in time is given up. */
  check() {
    if (this.socket.readyState !== WebSocket.OPEN || this.#unanswered || this.#isDelayed) return;
    this.send("heartbeat");
    this.#expectAnswer();
  }

  giveUp() {
    super.giveUp();
    this.socket.close();
  }

  close() {
    this.#answered();
    this.socket.close(NORMAL_CLOSURE);
    this.end(new Interruption("LEFT", "The page was left."));
  }

  /** What the user did while the socket was opening. */
  #sendUnconfirmed() {
    this.#answered();
    for (const word of this.unconfirmed) this.#transmit(word);
  }

  #transmit(word) {
    this.socket.send(JSON.stringify({ type: "activity", activity_type: word }));
  }

  #expectAnswer() {
    this.#unanswered = setTimeout(() => this.giveUp(), ANSWER_TIMEOUT_MS);
  }

  #answered() {
    clearTimeout(this.#unanswered);
    this.#unanswered = null;
  }

  #receive(message) {
    this.#answered();
    if (message.type === "connected") this.open(message);
    if (message.type === "ack") {
      this.unconfirmed.splice(0, message.activities - this.#confirmed);
      this.#confirmed = message.activities;
    }
    if (message.type === "draining") this.#retryAfterMs = message.reconnect_after_seconds * MILLISECONDS;
    if (message.type === "error") this.#error = message;
    // While storage is unavailable confirmations are late, but the socket itself works.
    this.#isDelayed = message.type === "error";
  }

  #interruption(code, reason) {
    this.#answered();
    const message = this.#error?.message ?? OFFLINE_MESSAGE;
    const isFinal = REFUSALS.has(code);
    return new Interruption(reason || UNREACHABLE, message, { isFinal, retryAfterMs: this.#retryAfterMs });
  }
}

/** The guide's REST calls, for networks that let no socket through. */
export class RestTransport extends Transport {
  constructor(place, token) {
    super("rest", REST_ACTIVITY_MS);
    // To the server each tab is a connection of its own.
    Object.assign(this, place, { token, connectionId: crypto.randomUUID?.() ?? String(Math.random()) });
    this.#call("connect").then(this.open, this.end);
    const heartbeats = setInterval(() => this.check(), this.heartbeatMs);
    this.ended.then(() => clearInterval(heartbeats));
  }

  send(word) {
    this.#call("heartbeat", { activity_type: word }).catch((interruption) => {
      this.unconfirmed.push(word);
      this.end(interruption);
    });
  }

  check() {
    this.send("heartbeat");
  }

  close() {
    // A call with `keepalive` outlives the page; sendBeacon would too, but can't send a token.
    this.#call("disconnect").catch(() => {});
    this.end(new Interruption("LEFT", "The page was left."));
  }

  async #call(event, fields = {}) {
    const whose = { session_id: Number(this.sessionId), user_type: this.role, connection_id: this.connectionId };
    let response;
    try {
      response = await fetch(new URL(`/api/whiteboard/sessions/${this.sessionId}/${event}`, this.baseUrl), {
        method: "POST",
        headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
        body: JSON.stringify({ ...whose, ...fields }),
        keepalive: true,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
    } catch {
      throw new Interruption(UNREACHABLE, OFFLINE_MESSAGE);
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const reason = answer.details?.find((detail) => detail.reason)?.reason ?? UNREACHABLE;
    const retryAfterMs = Number(response.headers.get("retry-after")) * MILLISECONDS || null;
    const isFinal = REFUSALS.has(response.status);
    throw new Interruption(reason, answer.message ?? OFFLINE_MESSAGE, { isFinal, retryAfterMs });
  }
}

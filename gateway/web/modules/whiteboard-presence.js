// Presence on a whiteboard: as long as this is connected, its user counts as present. Without dependencies.
//
//   import { initializeWhiteboard } from "/whiteboard-presence.js";
//   const presence = initializeWhiteboard(sessionId, "student");
//   presence.addEventListener("lost", (event) => alert(event.detail.message));
//   canvas.addEventListener("pointerdown", () => presence.activity("draw"));
//
// It uses the presence socket; where none gets through, the REST calls. docs/whiteboard-client.md explains.

import { Interruption, RestTransport, SocketTransport, UNREACHABLE } from "./presence-transports.js";

/** Where sockets were blocked they may get through later: in another network, or when the server is back. */
const SOCKET_RETRY_MS = 60_000;
/** Waits double from the first to the last, which is shorter than the presence timeout (75 s). */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
/** As the guide has it; over a socket the server sets the pace. */
const REST_HEARTBEAT_MS = 15_000;
const ACTIVITY_WORD = /^[a-z][a-z0-9_]{0,31}$/;

/** Waits that `wake` cuts short. */
class Pause {
  wake = () => {};

  async of(milliseconds) {
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}

/**
 * Keeps its user present until `leave`. Events, with what there is to know in `detail`:
 * `connected`: presence is recorded from now on; `reconnecting`: it may not be, and that is being mended;
 * `lost`: the server refuses it, and nothing more is tried.
 */
export class WhiteboardPresence extends EventTarget {
  #place;
  #token;
  #transport = null;
  /** Another object for each time the page is shown; null while it is not. */
  #visit = null;
  #pause = new Pause();
  #listening = new AbortController();
  /** What the user did that no server has confirmed; told again when presence goes on. */
  #unconfirmed = new Set();

  /**
   * `token({ isStale })` gives the bearer token, or a promise of it; by default what the platform stored.
   * `baseUrl` is the gateway's address; by default where this file came from.
   */
  constructor(sessionId, role, options = {}) {
    super();
    const { token = () => localStorage.getItem("token"), baseUrl = import.meta.url, heartbeatMs = REST_HEARTBEAT_MS } = options;
    this.#place = { sessionId, role, baseUrl, heartbeatMs };
    this.#token = token;
    const { signal } = this.#listening;
    addEventListener("pagehide", () => this.#hide(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#attend(), { signal });
    addEventListener("online", () => this.#look(), { signal });
    // A network that comes back is another one: its connections are gone, and nobody says so.
    addEventListener("offline", () => this.#transport?.giveUp(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#look(), { signal });
    this.#attend();
  }

  /** Tell what the user does, as often as one likes: `draw`, `type`, `erase` or another lower-case word. */
  activity(word) {
    if (!ACTIVITY_WORD.test(word)) throw new TypeError(`"${word}" is no activity: use a lower-case word such as draw`);
    if (this.#transport) this.#transport.activity(word);
    else this.#unconfirmed.add(word);
  }

  /** End presence for good. */
  leave() {
    this.#listening.abort();
    this.#hide();
  }

  async #attend() {
    const visit = (this.#visit = {});
    let failures = 0;
    let isStale = false;
    while (this.#visit === visit) {
      const [wasConnected, interruption] = await this.#bePresent(visit, isStale);
      if (this.#visit !== visit) return;
      const { reason, message } = interruption;
      const isRefused = interruption.isOfToken && isStale && !wasConnected;
      if (interruption.isFinal || isRefused) {
        this.leave();
        this.#tell("lost", { reason, message });
        return;
      }
      isStale = interruption.isOfToken;
      failures = wasConnected ? 0 : failures + 1;
      // With jitter, so that those who lost a server together do not come back together.
      const jittered = Math.random() * Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
      const waitMs = isStale ? 0 : Math.max(interruption.retryAfterMs, jittered);
      this.#tell("reconnecting", { reason, message, waitMs });
      await this.#pause.of(waitMs);
    }
  }

  /** Return whether presence began, and what interrupted it. */
  async #bePresent(visit, isStale) {
    let wasConnected = false;
    try {
      const token = await this.#tokenOf(visit, isStale);
      let transport = await this.#opened(token);
      for (;;) {
        wasConnected = true;
        for (const word of this.#unconfirmed) transport.activity(word);
        this.#unconfirmed.clear();
        this.#tell("connected", { transport: transport.name, ...(await transport.opened) });
        const instead = await Promise.race([transport.ended, this.#socketInstead(transport)]);
        if (instead instanceof Interruption) throw instead;
        transport.close();
        transport = this.#transport = instead;
      }
    } catch (error) {
      for (const word of this.#transport?.unconfirmed ?? []) this.#unconfirmed.add(word);
      this.#transport = null;
      // Of what is no Interruption there is one: WebSocket takes no token with characters that no token has.
      return [wasConnected, error instanceof Interruption ? error : new Interruption("TOKEN_INVALID", error.message)];
    }
  }

  async #tokenOf(visit, isStale) {
    const token = await Promise.resolve(this.#token({ isStale })).catch(({ message }) => {
      throw new Interruption(UNREACHABLE, message);
    });
    if (this.#visit !== visit) throw new Interruption("LEFT", "The page was left.");
    if (!token) throw new Interruption("BEARER_MISSING", "You are not signed in.");
    return token;
  }

  async #opened(token) {
    this.#transport = new SocketTransport(this.#place, token);
    try {
      await this.#transport.opened;
    } catch (interruption) {
      if (interruption.reason !== UNREACHABLE) throw interruption;
      this.#transport = new RestTransport(this.#place, token);
      await this.#transport.opened;
    }
    return this.#transport;
  }

  /** Return a socket as soon as one gets through while presence goes by REST. */
  async #socketInstead(transport) {
    let isOver = transport instanceof SocketTransport;
    transport.ended.then(() => { isOver = true; });
    while (!isOver) {
      await new Promise((resolve) => { setTimeout(resolve, SOCKET_RETRY_MS); });
      if (isOver) break;
      const socket = new SocketTransport(this.#place, transport.token);
      const isOpen = await socket.opened.then(() => true, () => false);
      if (isOpen && !isOver) return socket;
      socket.close();
    }
    return transport.ended;
  }

  #look() {
    this.#pause.wake();
    this.#transport?.check();
  }

  #hide() {
    this.#visit = null;
    this.#pause.wake();
    this.#transport?.close();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** The guide's name for it. */
export function initializeWhiteboard(sessionId, role, options) {
  return new WhiteboardPresence(sessionId, role, options);
}

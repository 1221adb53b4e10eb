// Presence on a whiteboard: while this is connected, its user counts as present. Without dependencies.
//
//   import { initializeWhiteboard } from "/whiteboard-presence.js";
//   const presence = initializeWhiteboard(sessionId, "student");
//   presence.addEventListener("lost", (event) => alert(event.detail.message));
//   canvas.addEventListener("pointerdown", () => presence.activity("draw"));
//
// It uses the presence socket, and where none gets through, the REST calls: see docs/whiteboard-client.md.

import { Interruption, RestTransport, SocketTransport, UNREACHABLE } from "./presence-transports.js";

/** A socket that did not get through may do so later: in another network, or when the server is back. */
const SOCKET_RETRY_MS = 60_000;
/** Waits double from the shortest to the longest, which is below the presence timeout (75 s). */
const MIN_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;
/** As in the guide. Over a socket the server sets the pace. */
const REST_HEARTBEAT_MS = 15_000;
const ACTIVITY_WORD = /^[a-z][a-z0-9_]{0,31}$/;

/** A wait that `wake` cuts short. */
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
 * Keeps its user present until `leave`. Its events carry a `detail`:
 * `connected`: presence is recorded from now on; `reconnecting`: it may not be at present, and a new attempt follows;
 * `lost`: the server refuses it, and no attempt follows.
 */
export class WhiteboardPresence extends EventTarget {
  #place;
  #token;
  #transport = null;
  /** A new object each time the page is shown; null while the page is not shown. */
  #visit = null;
  #pause = new Pause();
  #listening = new AbortController();
  /** Activities that the server has not confirmed; sent again after an interruption. */
  #unconfirmed = new Set();

  /**
   * `token({ isStale })` returns the bearer token or a promise of it; by default the one that the platform stored.
   * `baseUrl` is the gateway's address; by default the address this file came from.
   */
  constructor(sessionId, role, options = {}) {
    super();
    const {
      token = () => localStorage.getItem("token"),
      baseUrl = import.meta.url,
      heartbeatMs = REST_HEARTBEAT_MS,
    } = options;
    this.#place = { sessionId, role, baseUrl, heartbeatMs };
    this.#token = token;
    const { signal } = this.#listening;
    addEventListener("pagehide", () => this.#hide(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#attend(), { signal });
    addEventListener("online", () => this.#checkNow(), { signal });
    // When a network comes back, its old connections are lost, and no event reports it.
    addEventListener("offline", () => this.#transport?.giveUp(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#checkNow(), { signal });
    this.#attend();
  }

  /** Report what the user does, as often as you like: `draw`, `type`, `erase` or another lower-case word. */
  activity(word) {
    if (!ACTIVITY_WORD.test(word)) throw new TypeError(`"${word}" is no activity: use a lower-case word such as draw`);
    if (this.#transport) this.#transport.activity(word);
    else this.#unconfirmed.add(word);
  }

  /** End presence permanently. */
  leave() {
    this.#listening.abort();
    this.#hide();
  }

  async #attend() {
    const visit = {};
    this.#visit = visit;
    let failures = 0;
    let isStale = false;
    while (this.#visit === visit) {
      const [wasConnected, interruption] = await this.#bePresent(visit, isStale);
      if (this.#visit !== visit) return;
      const { reason, message } = interruption;
      const isRefused = interruption.isOfToken && isStale && !wasConnected;
      if (interruption.isFinal || isRefused) {
        this.leave();
        this.#dispatch("lost", { reason, message });
        return;
      }
      isStale = interruption.isOfToken;
      failures = wasConnected ? 0 : failures + 1;
      // With jitter, so that pages that lost a server together do not come back together.
      const jittered = Math.random() * Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** failures);
      const waitMs = isStale ? 0 : Math.max(interruption.retryAfterMs, jittered);
      this.#dispatch("reconnecting", { reason, message, waitMs });
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
        this.#dispatch("connected", { transport: transport.name, ...(await transport.opened) });
        const instead = await Promise.race([transport.ended, this.#socketInstead(transport)]);
        if (instead instanceof Interruption) throw instead;
        transport.close();
        transport = this.#transport = instead;
      }
    } catch (error) {
      this.#keepUnconfirmed();
      this.#transport = null;
      // The only other error comes from WebSocket, which refuses characters that no token has.
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
      this.#keepUnconfirmed();
      this.#transport = new RestTransport(this.#place, token);
      await this.#transport.opened;
    }
    return this.#transport;
  }

  #keepUnconfirmed() {
    for (const word of this.#transport?.unconfirmed ?? []) this.#unconfirmed.add(word);
  }

  /** Return a socket as soon as one gets through while presence goes by REST. */
  async #socketInstead(transport) {
    let isOver = transport instanceof SocketTransport;
    transport.ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise((resolve) => {
        setTimeout(resolve, SOCKET_RETRY_MS);
      });
      if (isOver) break;
      const socket = new SocketTransport(this.#place, transport.token);
      const isOpen = await socket.opened.then(
        () => true,
        () => false,
      );
      if (isOpen && !isOver) return socket;
      socket.close();
    }
    return transport.ended;
  }

  #checkNow() {
    this.#pause.wake();
    this.#transport?.check();
  }

  #hide() {
    this.#visit = null;
    this.#pause.wake();
    this.#transport?.close();
  }

  #dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** The guide's name for it. */
export function initializeWhiteboard(sessionId, role, options) {
  return new WhiteboardPresence(sessionId, role, options);
}

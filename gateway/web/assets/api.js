// Calls the documented REST API.

import { token } from "./identity.js";
import { text } from "./strings/index.js";

export const STATUS = { unauthorized: 401, forbidden: 403, conflict: 409, unavailable: 503 };
const EXPIRED = "TOKEN_EXPIRED";
const OFFLINE = "OFFLINE";
const SIGNED_OUT = "SIGNED_OUT";

/** Why a call failed. `message` is a sentence for people, `reason` the code of docs/errors.md. */
export class ApiProblem extends Error {
  constructor(message, { status = 0, reason = "" } = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  /** Whether the same call may succeed without having been changed. */
  get mayPass() {
    return this.reason === OFFLINE || this.status === STATUS.unauthorized || this.status >= 429;
  }
}

function sentence(status, reason, message) {
  if (status === STATUS.unauthorized) return text(reason === EXPIRED ? "problems.expired" : "problems.signedOut");
  if (status === STATUS.unavailable) return text("problems.unavailable");
  return message || text("problems.other", { status });
}

async function problemOf(response) {
  const { message, details = [] } = await response.json().catch(() => ({}));
  const reason = details.find((detail) => detail.reason)?.reason ?? "";
  return new ApiProblem(sentence(response.status, reason, message), { status: response.status, reason });
}

function url(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given).toString();
  return search ? `${path}?${search}` : path;
}

async function send(path, { method = "GET", query = {}, body, signal } = {}) {
  if (!token()) throw new ApiProblem(text("problems.signedOut"), { status: STATUS.unauthorized, reason: SIGNED_OUT });
  const headers = { authorization: `Bearer ${token()}` };
  if (body) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(url(path, query), { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem(text("problems.offline"), { reason: OFFLINE });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Make a call and return its answer, parsed; ApiProblem, or an AbortError once `signal` says so. */
export async function call(path, options) {
  const response = await send(path, options);
  return response.json();
}

/** Fetch a file with the token, which a link could not send, and hand it to the browser as a download. */
export async function download(path, name, options) {
  const response = await send(path, options);
  const address = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

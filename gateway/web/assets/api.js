// Calls the documented REST API.

import { isRenewed, token } from "./identity.js";
import { text } from "./strings/index.js";

export const STATUS = { unauthorized: 401, tooMany: 429, unavailable: 503 };
const EXPIRED = "TOKEN_EXPIRED";
const OFFLINE = "OFFLINE";
const SIGNED_OUT = "SIGNED_OUT";
/** Some browsers begin to read a download only a while after the click. */
const DOWNLOAD_KEPT_MS = 60_000;

/** Why a call failed. `message` is a sentence for people, `reason` the code of docs/errors.md. */
export class ApiProblem extends Error {
  constructor(message, { status = 0, reason = "" } = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  /** Whether the same call may succeed without having been changed. */
  get mayPass() {
    return this.reason === OFFLINE || this.status === STATUS.unauthorized || this.status >= STATUS.tooMany;
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

async function request(address, bearer, { method = "GET", body, signal }) {
  const headers = { authorization: `Bearer ${bearer}` };
  if (body) headers["content-type"] = "application/json";
  try {
    return await fetch(address, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem(text("problems.offline"), { reason: OFFLINE });
  }
}

async function send(path, { query = {}, ...options } = {}) {
  const bearer = token();
  if (!bearer) throw new ApiProblem(text("problems.signedOut"), { status: STATUS.unauthorized, reason: SIGNED_OUT });
  const address = url(path, query);
  let response = await request(address, bearer, options);
  // What was refused for its token has done nothing, so it may be sent once more.
  if (response.status === STATUS.unauthorized && await isRenewed(bearer)) {
    response = await request(address, token(), options);
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
  setTimeout(() => URL.revokeObjectURL(address), DOWNLOAD_KEPT_MS);
}

// Calls the documented REST API with the token of the person signed in.

import { isRenewed, token } from "./identity.js";
import { hasText, text } from "./localization.js";

export const STATUS = { unauthorized: 401, tooMany: 429, failed: 500, unavailable: 503, tooSlow: 504 };
const EXPIRED = "TOKEN_EXPIRED";
const OFFLINE = "OFFLINE";
const SIGNED_OUT = "SIGNED_OUT";
/** Some browsers start to read a download only a while after the click. */
const DOWNLOAD_KEPT_MS = 60_000;

/** A call that failed. `message` is a sentence for people, `reason` the code of docs/errors.md. */
export class ApiError extends Error {
  constructor(message, { status = 0, reason = "", violations = [] } = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    /** What is wrong with which field of the request: `{ field, description }`. */
    this.violations = violations;
  }

  /** Whether the same call may succeed later. */
  get mayPass() {
    return this.reason === OFFLINE || this.status === STATUS.unauthorized || this.status >= STATUS.tooMany;
  }
}

function messageFor({ status, method }, reason, message) {
  if (status === STATUS.unauthorized) return text(reason === EXPIRED ? "problems.expired" : "problems.signedOut");
  if (status === STATUS.tooSlow) return text(method === "GET" ? "problems.slow" : "problems.unsure");
  if (status === STATUS.unavailable) return text("problems.unavailable");
  // The API speaks English: other languages have sentences of their own for its reasons.
  const key = ["api", reason].join(".");
  if (hasText(key)) return text(key);
  return message || text("problems.other", { status });
}

async function errorOf(response, method) {
  const { message, details = [] } = await response.json().catch(() => ({}));
  const reason = details.find((detail) => detail.reason)?.reason ?? "";
  const violations = details.flatMap((detail) => detail.fieldViolations ?? detail.field_violations ?? []);
  return new ApiError(messageFor({ status: response.status, method }, reason, message), {
    status: response.status,
    reason,
    violations,
  });
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
    throw new ApiError(text("problems.offline"), { reason: OFFLINE });
  }
}

async function send(path, { query = {}, ...options } = {}) {
  const bearer = token();
  if (!bearer) throw new ApiError(text("problems.signedOut"), { status: STATUS.unauthorized, reason: SIGNED_OUT });
  const address = url(path, query);
  let response = await request(address, bearer, options);
  // A call that was refused for its token has changed nothing, so it may be sent once more.
  if (response.status === STATUS.unauthorized && (await isRenewed(bearer))) {
    response = await request(address, token(), options);
  }
  if (!response.ok) throw await errorOf(response, options.method ?? "GET");
  return response;
}

/** Make a call and return its parsed answer. Throws ApiError, or an AbortError when `signal` is aborted. */
export async function call(path, options) {
  const response = await send(path, options);
  try {
    return await response.json();
  } catch (error) {
    // The answer was cut off.
    if (options?.signal?.aborted) throw error;
    throw new ApiError(text("problems.offline"), { reason: OFFLINE });
  }
}

/** Fetch a file and hand it to the browser as a download: a plain link could not send the token. Throws as `call`. */
export async function download(path, name, options) {
  const response = await send(path, options);
  const address = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), DOWNLOAD_KEPT_MS);
}

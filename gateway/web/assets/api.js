// Calls the documented REST API with the token of the person signed in.

import { identity, isRenewed, token } from "./identity.js";
import { hasText, text } from "./localization.js";

export const STATUS = { unauthorized: 401, tooMany: 429, unavailable: 503, tooSlow: 504 };
const EXPIRED = "TOKEN_EXPIRED";
const OFFLINE = "OFFLINE";
const SIGNED_OUT = "SIGNED_OUT";
/** The gateway's reason if a service ended before it answered: what was asked may have been done. */
const ANSWER_LOST = "SERVICE_UNAVAILABLE";
const ATTENDANCE_CHANGED = "ATTENDANCE_CHANGED";
/** As long as the gateway says. */
const AGAIN_AFTER_MS = 1000;
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
  return response.json();
}

/** Return a session as it is stored, if the person signed in decided on it since it was read as `session`; else null. */
async function withOwnDecision(session) {
  const stored = await call(`/api/tutor/sessions/${session.id}`);
  const isOwn = stored.attendance_marked_by === identity()?.userId;
  return isOwn && stored.attendance_marked_at !== session.attendance_marked_at ? stored : null;
}

/**
 * Decide on a session as it was read; its `attendance_etag` has to be in `body`. If the answer is lost, it is sent once
 * more: either the first was not carried out, or this one is refused for it. Returns the answer, or the session as it is
 * stored then. Throws as `call`.
 */
export async function decide(session, body) {
  const send = () => call(`/api/tutor/sessions/${session.id}/attendance`, { method: "PUT", body });
  try {
    return await send();
  } catch (problem) {
    if (problem.reason !== ANSWER_LOST) throw problem;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    try {
      return await send();
    } catch (refusal) {
      if (refusal.reason !== ATTENDANCE_CHANGED) throw problem;
      const stored = await withOwnDecision(session);
      if (stored) return stored;
      throw refusal;
    }
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

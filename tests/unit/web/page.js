// The little of a browser that the pure modules need: the page's language and session time zone, storage, and events.
// Import it first.

const stored = new Map();

globalThis.document = { documentElement: { lang: "en", dataset: { timeZone: "Africa/Addis_Ababa" } } };
/** A property of its own: newer versions of Node have one that can only be read. */
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US"] }, configurable: true });
globalThis.localStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
  removeItem: (key) => stored.delete(key),
};

/** Other tabs are never there. */
globalThis.BroadcastChannel = class {
  addEventListener() {}
  postMessage() {}
};

/** Return a token like the platform's, but not signed. */
export function tokenOf(claims) {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `e30.${payload}.c2lnbmF0dXJl`;
}

/** Answer calls of `fetch` with `answers`, one after the other, and return the list that records the calls. */
export function answerWith(...answers) {
  const calls = [];
  globalThis.fetch = async (url, options = {}) => {
    calls.push({ url, ...options, body: options.body && JSON.parse(options.body) });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    const { status = 200, body = answer } = answer.status ? answer : {};
    return Response.json(body, { status });
  };
  return calls;
}

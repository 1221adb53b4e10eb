import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerWith, tokenOf } from "./page.js";

const { ApiError, call } = await import("../../../gateway/web/assets/api.js");
const { renewFrom, signIn } = await import("../../../gateway/web/assets/identity.js");
const TUTOR = { sub: "101", role: "tutor" };

beforeEach(() => {
  localStorage.removeItem("token");
  renewFrom(async () => null);
});

async function failure(...answers) {
  answerWith(...answers);
  return call("/api/students").then(
    () => assert.fail("it succeeded"),
    (error) => error,
  );
}

test("a call carries the token, and leaves out what is empty in its query", async () => {
  signIn(tokenOf(TUTOR));
  const calls = answerWith({ students: [] });
  const query = { search: "", page_token: undefined, page_size: 0, role: null };
  assert.deepEqual(await call("/api/students", { query }), { students: [] });
  assert.equal(calls[0].url, "/api/students?page_size=0");
  assert.equal(calls[0].headers.authorization, `Bearer ${tokenOf(TUTOR)}`);
});

test("without a token nothing is sent", async () => {
  const error = await failure();
  assert.ok(error instanceof ApiError);
  assert.equal(error.reason, "SIGNED_OUT");
  assert.match(error.message, /You are not signed in/);
});

test("a refusal carries its reason and message, and trying again does not help", async () => {
  signIn(tokenOf(TUTOR));
  const body = { message: "Not yours.", details: [{}, { reason: "NOT_YOURS" }] };
  const error = await failure({ status: 403, body });
  assert.deepEqual([error.message, error.reason, error.mayPass], ["Not yours.", "NOT_YOURS", false]);
});

for (const status of [429, 500, 503]) {
  test(`after ${status} trying again may help`, async () => {
    signIn(tokenOf(TUTOR));
    assert.equal((await failure({ status, body: {} })).mayPass, true);
  });
}

test("a network that is away is a failure that may pass", async () => {
  signIn(tokenOf(TUTOR));
  const error = await failure(new TypeError("Failed to fetch"));
  assert.deepEqual([error.reason, error.mayPass], ["OFFLINE", true]);
});

test("a call that was refused for its token is sent once more with a renewed one", async () => {
  const [old, fresh] = [tokenOf(TUTOR), tokenOf({ ...TUTOR, iat: 2 })];
  signIn(old);
  renewFrom(async () => fresh);
  const calls = answerWith({ status: 401, body: {} }, { students: [] });
  await call("/api/students");
  assert.deepEqual(
    calls.map(({ headers }) => headers.authorization),
    [`Bearer ${old}`, `Bearer ${fresh}`],
  );
});

test("an expired token that can't be renewed says what to do", async () => {
  signIn(tokenOf(TUTOR));
  const error = await failure({ status: 401, body: { details: [{ reason: "TOKEN_EXPIRED" }] } });
  assert.match(error.message, /Your sign-in has expired/);
});

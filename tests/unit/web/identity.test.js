import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { tokenOf } from "./page.js";

const { identity, isRenewed, isSame, renewFrom, signIn, token } = await import(
  "../../../gateway/web/assets/identity.js"
);
const TUTOR = { sub: "101", role: "tutor", role_ids: { tutor: 3 } };

beforeEach(() => {
  localStorage.removeItem("token");
  renewFrom(async () => null);
});

test("a token names its person, role and profile", () => {
  assert.deepEqual(identity(tokenOf(TUTOR)), { userId: 101, role: "tutor", profileId: 3 });
});

test("without an active role it is the first of the roles, and both kinds of admin are one", () => {
  assert.equal(identity(tokenOf({ sub: "1", roles: ["tutor", "super_admin"] })).role, "admin");
});

for (const broken of ["", "not.a.token", "only-one-part", tokenOf({ sub: "1" })]) {
  test(`"${broken}" names no person`, () => assert.equal(identity(broken), null));
}

test("a name in another script does not break a token", () => {
  assert.equal(identity(tokenOf({ ...TUTOR, name: "አበበ" })).userId, 101);
});

test("the same person in another role is not the same identity", () => {
  const [tutor, parent] = [tokenOf(TUTOR), tokenOf({ ...TUTOR, role: "parent" })].map(identity);
  assert.equal(isSame(tutor, { ...tutor }), true);
  assert.equal(isSame(tutor, parent), false);
});

test("a fresh token of the same person replaces a refused one", async () => {
  const [old, fresh] = [tokenOf(TUTOR), tokenOf({ ...TUTOR, iat: 2 })];
  signIn(old);
  renewFrom(async () => fresh);
  assert.equal(await isRenewed(old), true);
  assert.equal(token(), fresh);
});

test("another person's token does not count as renewed", async () => {
  const refused = tokenOf(TUTOR);
  signIn(tokenOf({ sub: "102", role: "tutor" }));
  assert.equal(await isRenewed(refused), false);
});

test("without a source of tokens nothing is renewed", async () => {
  signIn(tokenOf(TUTOR));
  assert.equal(await isRenewed(token()), false);
});

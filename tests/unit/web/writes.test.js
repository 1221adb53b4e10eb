import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerWith, tokenOf } from "./page.js";

const writes = await import("../../../gateway/web/assets/writes.js");
const { signIn } = await import("../../../gateway/web/assets/identity.js");
/** Nobody waits in this test. */
globalThis.setTimeout = (work) => setImmediate(work);

const OFFLINE = new TypeError("Failed to fetch");
const SERVICE_ENDED = refusal(503, "SERVICE_UNAVAILABLE");
const MARKED_AT = "2026-03-01T10:00:00.100Z";
const LATER = "2026-03-01T10:00:00.200Z";
const CLAIM = {
  claim_id: 5,
  raised_by: 101,
  student_id: 28,
  claimed_status: "present",
  note: "I was there",
  state: "open",
};
const ANSWERED = { claim_id: 5, answered_by: 101, state: "declined" };
const POLICY = {
  version: 8,
  created_by: 101,
  limits: { late_from_seconds: 600, many_reconnects_from: 3 },
  note: "Bus",
};

beforeEach(() => signIn(tokenOf({ sub: "101", role: "tutor" })));

function refusal(status, reason) {
  return { status, body: { message: reason, details: [{ reason }] } };
}

/** A lesson as it was read: no two tests send the same. */
let lessons = 0;
function lesson() {
  lessons += 1;
  return { id: lessons, attendance_etag: "shown", attendance_marked_at: MARKED_AT };
}

function entry(fields = {}) {
  return { decisions: [{ decided_by: 101, decided_at: LATER, ...fields }] };
}

/** Each act: how it is sent, the refusal of a second one, what is read then, and what is returned; and what is another's. */
const ACTS = {
  "a decision": {
    send: () => writes.decide(lesson(), { student_attendance_status: "late" }),
    refusal: refusal(409, "ATTENDANCE_CHANGED"),
    stored: [{ attendance_etag: "stored" }, entry()],
    returned: { attendance_etag: "stored" },
    others: [{}, entry({ decided_by: 102 })],
  },
  "a parent's word that is a claim": {
    send: () => writes.decide(lesson(), { students: [{ student_id: 28, status: "present" }] }),
    refusal: refusal(400, "CLAIM_OPEN"),
    stored: [{ claims: [CLAIM] }, { attendance_etag: "stored" }],
    returned: { attendance_etag: "stored", claim_id: 5 },
    others: [{ claims: [{ ...CLAIM, claimed_status: "late" }] }],
  },
  "a withdrawal": {
    send: () => writes.withdraw(lesson(), { notes: "The wrong lesson" }),
    refusal: refusal(409, "ATTENDANCE_CHANGED"),
    stored: [{ attendance_etag: "stored" }, entry({ student_withdrawn: true })],
    returned: { attendance_etag: "stored" },
    others: [{}, entry()],
  },
  "a claim": {
    send: () => writes.raiseClaim(lesson().id, { student_id: 28, claimed_status: "present", note: "I was there" }),
    refusal: refusal(400, "CLAIM_OPEN"),
    stored: [{ claims: [CLAIM] }],
    returned: CLAIM,
    others: [{ claims: [{ ...CLAIM, raised_by: 102 }] }],
  },
  "an answer to a claim": {
    send: () =>
      writes.answerClaim({ claim_id: 5, session_id: lesson().id }, { answer: "declined", note: `${lessons}` }),
    refusal: refusal(409, "CLAIM_ANSWERED"),
    stored: [{ claims: [{ claim_id: 4 }, ANSWERED] }],
    returned: { claim: ANSWERED },
    others: [{ claims: [{ ...ANSWERED, answered_by: 102 }] }],
  },
  "a policy": {
    send: () => writes.createPolicy({ limits: { late_from_seconds: 600 }, note: "Bus", replaces_version: lesson().id }),
    refusal: refusal(409, "POLICY_CHANGED"),
    stored: [{ policies: [{ ...POLICY, course_id: 41, version: 9 }, POLICY] }],
    returned: POLICY,
    others: [{ policies: [{ ...POLICY, note: "Rain" }] }],
  },
};

for (const [what, act] of Object.entries(ACTS)) {
  for (const lost of [OFFLINE, SERVICE_ENDED]) {
    test(`${what}, carried out and not answered (${lost.status ?? "offline"}), is found when it is sent again`, async () => {
      const calls = answerWith(lost, act.refusal, ...act.stored);
      assert.deepEqual(await act.send(), act.returned);
      assert.deepEqual(calls[0].body, calls[1].body);
      assert.equal(calls.length, 2 + act.stored.length);
    });
  }

  test(`${what} that another person was faster with is refused`, async () => {
    answerWith(OFFLINE, act.refusal, ...act.others);
    await assert.rejects(act.send(), { reason: act.refusal.body.details[0].reason });
  });

  test(`${what} that is refused at once is not sent again`, async () => {
    const calls = answerWith(act.refusal);
    await assert.rejects(act.send(), { reason: act.refusal.body.details[0].reason });
    assert.equal(calls.length, 1);
  });
}

test("what was not carried out is carried out by the second call", async () => {
  const calls = answerWith(OFFLINE, { attendance_etag: "stored" });
  assert.deepEqual(await writes.decide(lesson(), {}), { attendance_etag: "stored" });
  assert.equal(calls.length, 2);
});

test("an own entry from before the record that was read is not this decision", async () => {
  answerWith(OFFLINE, refusal(409, "ATTENDANCE_CHANGED"), {}, entry({ decided_at: MARKED_AT }));
  await assert.rejects(writes.decide(lesson(), {}), { reason: "ATTENDANCE_CHANGED" });
});

test("after two lost answers, or one that came too late, trying again by hand is no second act", async () => {
  for (const answers of [[OFFLINE, OFFLINE], [refusal(504, "SERVICE_TOO_SLOW")]]) {
    const session = lesson();
    answerWith(...answers);
    await assert.rejects(writes.decide(session, {}), { mayPass: true });
    answerWith(refusal(409, "ATTENDANCE_CHANGED"), { attendance_etag: "stored" }, entry());
    assert.deepEqual(await writes.decide(session, {}), { attendance_etag: "stored" });
  }
});

test("an absence that is no longer announced is taken back", async () => {
  answerWith(refusal(400, "NOTHING_ANNOUNCED"));
  const body = { student_id: 28, withdrawn: true };
  assert.deepEqual(await writes.sendAbsenceNotice(lesson().id, body), body);
});

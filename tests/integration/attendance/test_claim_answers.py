"""Answering claims (docs/decisions.md#claims)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.claims import answer, claim, claims, days_ago
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_TUTOR,
    PARENT,
    STATUSES,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

ROWS = "SELECT claim_id, answer, note, answered_by, answered_by_role FROM attendance_claim_answers ORDER BY claim_id"
UPDATED = "SELECT decision_id FROM attendance_claim_answers"


async def test_an_accepted_claim_is_a_decision_of_the_one_who_accepted_it(
    student: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent, attendance_notes="Did not see Sara")
    raised = await claim(student, recent)
    response = await answer(tutor, raised.claim_id, pb.accepted, note="Right, I found the messages")
    accepted = response.claim
    assert (accepted.state, accepted.answer_note) == ("accepted", "Right, I found the messages")
    assert (accepted.answered_by, accepted.answered_by_name) == (TUTOR, "Abebe Kebede")
    assert accepted.answered_at.seconds >= raised.raised_at.seconds
    session = response.session
    assert (session.student_attendance_status, session.student_attendance_source) == ("present", "manual")
    assert (session.open_claims, session.attendance_notes) == (0, "Did not see Sara")
    assert platform.stored(recent, *STATUSES) == ("present", "present", "manual")
    newest, oldest = (await student.history(recent)).decisions
    assert (newest.claim_id, newest.student_status_before, newest.student_status_after) == (1, "absent", "present")
    assert (newest.decided_by, newest.decided_by_role) == (TUTOR, "tutor")
    assert not oldest.HasField("claim_id")
    assert platform.rows(ROWS) == [(1, "accepted", "Right, I found the messages", TUTOR, "tutor")]
    assert platform.rows(UPDATED) == [(newest.id,)]
    assert await claims(student, state="open") == []
    assert await claims(student, state="answered") == [accepted]


async def test_an_admin_accepts_a_claim(student: Client, admin: Client, recent: int) -> None:
    raised = await claim(student, recent, pb.late)
    session = (await answer(admin, raised.claim_id, pb.accepted)).session
    assert (session.student_attendance_status, session.student_attendance_source) == ("late", "admin_override")


async def test_a_declined_claim_changes_nothing(parent: Client, tutor: Client, platform: Platform, recent: int) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    raised = await claim(parent, recent)
    response = await answer(tutor, raised.claim_id, pb.declined, note="The recording shows nobody")
    assert (response.claim.state, response.claim.answer_note) == ("declined", "The recording shows nobody")
    assert platform.stored(recent, *STATUSES) == ("present", "absent", "manual")
    assert len(platform.decisions(recent, "id")) == 1
    # Another one may be raised, with better reasons.
    assert (await claim(parent, recent)).claim_id == 2


async def test_who_raised_a_claim_takes_it_back(student: Client, platform: Platform, recent: int) -> None:
    raised = await claim(student, recent)
    response = await answer(student, raised.claim_id, pb.taken_back)
    assert (response.claim.state, response.session.open_claims) == ("taken_back", 0)
    assert platform.rows(ROWS) == [(1, "taken_back", "", STUDENT, "student")]
    assert platform.decisions(recent, "id") == []


@pytest.mark.parametrize("how", [pb.accepted, pb.declined, pb.taken_back])
@pytest.mark.parametrize(
    ("user", "role", "code", "reason"),
    [
        (PARENT, "parent", StatusCode.PERMISSION_DENIED, "CLAIM_NOT_YOURS"),
        (OTHER_TUTOR, "tutor", StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND"),
        (OTHER_PARENT, "parent", StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND"),
        (CLASSMATE, "student", StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND"),
    ],
)
async def test_who_may_not_answer(
    channel: aio.Channel,
    student: Client,
    platform: Platform,
    recent: int,
    *,
    how: Any,  # noqa: ANN401 - a value of ClaimAnswer
    user: int,
    role: str,
    code: StatusCode,
    reason: str,
) -> None:
    raised = await claim(student, recent)
    assert await refusal(answer(Client(channel, user, role), raised.claim_id, how, note="x")) == (code, reason)
    assert platform.rows(ROWS) == []


async def test_students_do_not_accept_their_own_claims_and_tutors_do_not_take_them_back(
    student: Client, tutor: Client, admin: Client, recent: int
) -> None:
    raised = await claim(student, recent)
    refused = (StatusCode.PERMISSION_DENIED, "CLAIM_NOT_YOURS")
    assert await refusal(answer(student, raised.claim_id, pb.accepted)) == refused
    assert await refusal(answer(student, raised.claim_id, pb.declined, note="x")) == refused
    for caller in (tutor, admin):
        assert await refusal(answer(caller, raised.claim_id, pb.taken_back)) == refused


async def test_the_same_person_in_another_role_is_not_who_raised_it(
    channel: aio.Channel, student: Client, platform: Platform, recent: int
) -> None:
    """A student who is also an admin answers as one."""
    raised = await claim(student, recent)
    admin = Client(channel, STUDENT, "admin")
    assert (await answer(admin, raised.claim_id, pb.accepted)).claim.state == "accepted"
    assert platform.stored(recent, "attendance_source") == ("admin_override",)


async def test_a_claim_about_a_classmate_does_not_exist(
    channel: aio.Channel, student: Client, recent_class: int
) -> None:
    raised = await claim(student, recent_class)
    call = answer(Client(channel, CLASSMATE, "student"), raised.claim_id, pb.taken_back)
    assert await refusal(call) == (StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND")


async def test_of_a_class_only_the_student_who_claimed_is_decided_on(
    student: Client, tutor: Client, recent_class: int
) -> None:
    await tutor.mark(recent_class, student_attendance_status=pb.absent)
    raised = await claim(student, recent_class, pb.late)
    session = (await answer(tutor, raised.claim_id, pb.accepted)).session
    statuses = {it.user_id: it.attendance_status for it in session.students}
    assert statuses == {CLASSMATE: "absent", STUDENT: "late"}
    assert session.student_attendance_status == "late"


async def test_a_substitute_answers(channel: aio.Channel, student: Client, platform: Platform) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(whiteboard_id=whiteboard, **days_ago(1))
    raised = await claim(student, session_id)
    substitute = Client(channel, OTHER_TUTOR, "tutor")
    assert (await answer(substitute, raised.claim_id, pb.accepted)).claim.state == "accepted"
    assert platform.stored(session_id, "student_attendance_status", "attendance_source") == ("present", "manual")


async def test_only_an_admin_gives_up_what_an_admin_decided(
    student: Client, tutor: Client, admin: Client, platform: Platform, recent: int
) -> None:
    await admin.mark(recent, student_attendance_status=pb.absent)
    raised = await claim(student, recent)
    call = answer(tutor, raised.claim_id, pb.accepted)
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    assert platform.rows(ROWS) == []
    assert (await claims(student, state="open")) == [raised]
    assert (await answer(admin, raised.claim_id, pb.accepted)).session.student_attendance_status == "present"


async def test_a_tutor_declines_a_claim_against_an_admin_s_decision(
    student: Client, tutor: Client, admin: Client, recent: int
) -> None:
    await admin.mark(recent, student_attendance_status=pb.absent)
    raised = await claim(student, recent)
    assert (await answer(tutor, raised.claim_id, pb.declined, note="Settled")).claim.state == "declined"


async def test_a_claim_is_answered_once(student: Client, tutor: Client, admin: Client, recent: int) -> None:
    raised = await claim(student, recent)
    await answer(tutor, raised.claim_id, pb.declined, note="No")
    for caller, how in ((tutor, pb.declined), (admin, pb.accepted), (student, pb.taken_back)):
        again = answer(caller, raised.claim_id, how, note="Once more")
        assert await refusal(again) == (StatusCode.ABORTED, "CLAIM_ANSWERED")


async def test_of_many_answers_at_once_one_counts(
    student: Client, tutor: Client, admin: Client, platform: Platform, recent: int
) -> None:
    raised = await claim(student, recent)
    calls = [
        answer(caller, raised.claim_id, how, note="Looked at it")
        for caller in (tutor, admin, tutor, admin)
        for how in (pb.accepted, pb.declined)
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    [accepted] = [outcome for outcome in outcomes if isinstance(outcome, pb.AnswerClaimResponse)]
    [row] = platform.rows(ROWS)
    assert row[1] == accepted.claim.state
    assert len(platform.decisions(recent, "id")) == (accepted.claim.state == "accepted")


async def test_an_answer_while_others_mark_is_one_decision_among_them(
    student: Client, tutor: Client, admin: Client, platform: Platform, recent: int
) -> None:
    raised = await claim(student, recent, pb.late)
    marks = [admin.mark(recent, tutor_attendance_status=pb.present, attendance_notes=str(n)) for n in range(5)]
    await asyncio.gather(answer(tutor, raised.claim_id, pb.accepted), *marks)
    assert [it.state for it in await claims(student)] == ["accepted"]
    assert platform.stored(recent, "student_attendance_status") == ("late",)
    assert len(platform.decisions(recent, "id")) == 6
    [(decision_id,)] = platform.rows(UPDATED)
    assert (decision_id, "late") in platform.decisions(recent, "id", "student_status_after")


async def test_a_claim_about_a_session_that_was_cancelled_since_can_only_be_declined(
    student: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    raised = await claim(student, recent)
    platform.run("UPDATE sessions SET status = 'cancelled' WHERE id = %s", recent)
    call = answer(tutor, raised.claim_id, pb.accepted)
    assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "SESSION_CANCELLED")
    assert (await answer(tutor, raised.claim_id, pb.declined, note="Cancelled")).claim.state == "declined"


async def test_bulk_acceptance_leaves_out_a_session_about_which_a_claim_waits(
    student: Client, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    lesson, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    # The lesson was long ago, but was decided on since.
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await tutor.report("WithdrawDecision", session_id=lesson)
    raised = await claim(student, lesson)
    for preview in (True, False):
        result = await tutor.report("ApplySuggestions", session_ids=[lesson], preview=preview)
        assert [(it.session_id, it.reason) for it in result.not_applied] == [(lesson, "CLAIM_WAITS")]
    await answer(tutor, raised.claim_id, pb.declined, note="The recording shows nobody")
    result = await tutor.report("ApplySuggestions", session_ids=[lesson])
    assert [it.session_id for it in result.applied] == [lesson]


async def test_a_claim_that_does_not_exist_is_not_found(tutor: Client) -> None:
    assert await refusal(answer(tutor, 999, pb.accepted)) == (StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND")


async def test_an_admin_without_a_user_here_answers_nothing(
    channel: aio.Channel, student: Client, platform: Platform, recent: int
) -> None:
    raised = await claim(student, recent)
    call = answer(Client(channel, 999, "admin"), raised.claim_id, pb.declined, note="No")
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "CALLER_UNKNOWN")
    assert platform.rows(ROWS) == []


async def test_the_answer_of_an_admin_is_shown_with_their_name(student: Client, admin: Client, recent: int) -> None:
    raised = await claim(student, recent)
    answered = (await answer(admin, raised.claim_id, pb.declined, note="No")).claim
    assert (answered.answered_by, answered.answered_by_name) == (ADMIN, "Ada Admin")


async def test_a_claim_from_before_the_session_was_moved_is_not_accepted_for_its_new_time(
    tutor: Client, platform: Platform, recent: int
) -> None:
    platform.run(
        "INSERT INTO attendance_claims (session_id, student_id, claimed_status, note, raised_by, raised_by_role,"
        " raised_at) VALUES (%s, 21, 'present', 'About the old time', %s, 'student', now() - interval '20 days')",
        recent,
        STUDENT,
    )
    refused = (StatusCode.ABORTED, "SESSION_CHANGED")
    assert await refusal(answer(tutor, 1, pb.accepted)) == refused
    assert platform.decisions(recent, "id") == []
    declined = await answer(tutor, 1, pb.declined, note="The lesson was moved")
    assert declined.claim.state == "declined"

"""Raising and listing claims (docs/decisions.md#claims)."""

from __future__ import annotations

import asyncio

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.claims import claim, claims, days_ago
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
from tests.integration.attendance.tracking_stand_in import TrackingStandIn

#: Text that pages, spreadsheets, formats and SQL may stumble over.
HOSTILE = "<img src=x onerror=alert(1)> '; DROP TABLE sessions; -- {0} %s \u202e =1+1 \\ \u1200 \U0001f912"
ROWS = "SELECT session_id, student_id, claimed_status, note, raised_by, raised_by_role FROM attendance_claims"


async def test_a_student_claims_another_status_than_the_recorded_one(
    student: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    raised = await claim(student, recent, pb.late, note=" The bus broke down\n")
    assert (raised.session_id, raised.student_id, raised.user_id) == (recent, 21, STUDENT)
    assert (raised.student_name, raised.claimed_status, raised.note) == ("Sara Tesfaye", pb.late, "The bus broke down")
    assert (raised.raised_by, raised.raised_by_name, raised.raised_by_role) == (STUDENT, "Sara Tesfaye", "student")
    assert (raised.recorded_status, raised.state) == ("absent", "open")
    assert raised.raised_at.seconds > 0
    assert not raised.HasField("answered_by")
    assert not raised.HasField("answered_at")
    assert platform.rows(ROWS) == [(recent, 21, "late", "The bus broke down", STUDENT, "student")]
    assert platform.stored(recent, *STATUSES) == ("present", "absent", "manual")


async def test_a_claim_about_an_unmarked_session_keeps_what_was_suggested(
    parent: Client, tutor: Client, lesson: int
) -> None:
    # The lesson was long ago, but was decided on since.
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await tutor.report("WithdrawDecision", session_id=lesson)
    raised = await claim(parent, lesson)
    assert (raised.raised_by, raised.raised_by_role) == (PARENT, "parent")
    assert (raised.HasField("recorded_status"), raised.suggested_status) == (False, "late")


async def test_a_claim_does_not_wait_for_the_tracking_service(
    student: Client, tracking: TrackingStandIn, recent: int
) -> None:
    tracking.answering.clear()
    raised = await claim(student, recent)
    assert not raised.HasField("suggested_status")


async def test_everyone_who_may_see_it_sees_the_claim(
    student: Client, parent: Client, tutor: Client, admin: Client, recent: int
) -> None:
    raised = await claim(student, recent)
    for caller in (student, parent, tutor, admin):
        assert await claims(caller) == [raised]
        assert await claims(caller, state="open", session_id=recent) == [raised]
        assert await claims(caller, state="answered") == []
        assert await claims(caller, session_id=recent + 1) == []
        card, [listed] = await caller.session(recent), (await caller.sessions()).sessions
        assert (card.open_claims, listed.open_claims) == (1, 1)


async def test_others_see_nothing_of_it(
    channel: aio.Channel, student: Client, recent_class: int, platform: Platform
) -> None:
    platform.run("UPDATE parent_profiles SET children_ids = '{}'")
    platform.run("UPDATE parent_profiles SET children_ids = '{22}' WHERE id = 32")
    await claim(student, recent_class)
    for user, role in ((CLASSMATE, "student"), (OTHER_PARENT, "parent")):
        other = Client(channel, user, role)
        assert await claims(other) == []
        assert (await other.session(recent_class)).open_claims == 0
    assert await claims(Client(channel, OTHER_TUTOR, "tutor")) == []


async def test_a_substitute_sees_the_claims_of_the_session(
    channel: aio.Channel, student: Client, platform: Platform
) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(whiteboard_id=whiteboard, **days_ago(1))
    raised = await claim(student, session_id)
    assert await claims(Client(channel, OTHER_TUTOR, "tutor")) == [raised]


async def test_claims_come_in_pages_newest_first(student: Client, parent: Client, platform: Platform) -> None:
    sessions = [platform.add_session(**days_ago(day)) for day in (3, 2, 1)]
    raised = [await claim(student, session_id) for session_id in sessions]
    pages = await parent.pages("ListClaims", page_size=2)
    assert [[it.claim_id for it in page.claims] for page in pages] == [
        [raised[2].claim_id, raised[1].claim_id],
        [raised[0].claim_id],
    ]
    token = pages[0].next_page_token
    other_list = parent.report("ListClaims", page_size=2, state="open", page_token=token)
    assert await refusal(other_list) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("user", "role", "code", "reason"),
    [
        (TUTOR, "tutor", StatusCode.PERMISSION_DENIED, "CLAIM_NOT_YOURS"),
        (ADMIN, "admin", StatusCode.PERMISSION_DENIED, "CLAIM_NOT_YOURS"),
        (OTHER_TUTOR, "tutor", StatusCode.NOT_FOUND, "SESSION_NOT_FOUND"),
        (OTHER_PARENT, "parent", StatusCode.NOT_FOUND, "SESSION_NOT_FOUND"),
        (CLASSMATE, "student", StatusCode.NOT_FOUND, "SESSION_NOT_FOUND"),
    ],
)
async def test_who_may_not_claim(
    channel: aio.Channel, platform: Platform, recent: int, *, user: int, role: str, code: StatusCode, reason: str
) -> None:
    assert await refusal(claim(Client(channel, user, role), recent, student_id=21)) == (code, reason)
    assert platform.rows(ROWS) == []


async def test_a_student_claims_for_nobody_else(student: Client, parent: Client, recent_class: int) -> None:
    refused = (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")
    assert await refusal(claim(student, recent_class, user_id=CLASSMATE)) == refused
    # A parent of both says for whom.
    assert await refusal(claim(parent, recent_class)) == refused
    assert (await claim(parent, recent_class, user_id=CLASSMATE)).student_id == 22
    assert (await claim(parent, recent_class, student_id=21)).user_id == STUDENT


async def test_a_running_session_is_claimed_once_it_is_marked(
    student: Client, tutor: Client, platform: Platform
) -> None:
    running = platform.add_session(status="in-progress", **days_ago(-1 / 48))
    refused = (StatusCode.FAILED_PRECONDITION, "CLAIM_TOO_EARLY")
    assert await refusal(claim(student, running)) == refused
    await tutor.mark(running, student_attendance_status=pb.absent)
    assert (await claim(student, running)).recorded_status == "absent"


async def test_a_coming_or_cancelled_session_is_not_claimed(student: Client, platform: Platform) -> None:
    coming = platform.add_session(session_date="2099-01-01", status="scheduled")
    assert await refusal(claim(student, coming)) == (StatusCode.FAILED_PRECONDITION, "CLAIM_TOO_EARLY")
    cancelled = platform.add_session(status="cancelled", **days_ago(1))
    assert await refusal(claim(student, cancelled)) == (StatusCode.FAILED_PRECONDITION, "SESSION_CANCELLED")


async def test_claims_can_be_raised_for_as_long_as_the_policy_says(
    student: Client, tutor: Client, platform: Platform
) -> None:
    refused = (StatusCode.FAILED_PRECONDITION, "CLAIM_TOO_LATE")
    in_time, too_late = platform.add_session(**days_ago(6.9)), platform.add_session(**days_ago(7.1))
    assert (await claim(student, in_time)).state == "open"
    assert await refusal(claim(student, too_late)) == refused
    # The time begins again with a decision, also with one that is withdrawn.
    await tutor.mark(too_late, student_attendance_status=pb.absent)
    await tutor.report("WithdrawDecision", session_id=too_late)
    assert (await claim(student, too_late)).state == "open"
    platform.run("INSERT INTO attendance_policies (created_by, limits) VALUES (1, '{\"claim_within_days\": 0}')")
    assert await refusal(claim(student, platform.add_session(**days_ago(0)))) == refused


async def test_what_is_recorded_already_is_not_claimed(student: Client, tutor: Client, recent: int) -> None:
    await tutor.mark(recent, student_attendance_status=pb.late)
    refused = await refusal(claim(student, recent, pb.late))
    assert refused == (StatusCode.FAILED_PRECONDITION, "ALREADY_RECORDED")


async def test_one_claim_about_a_student_waits_at_a_time(
    student: Client, parent: Client, platform: Platform, recent: int, recent_class: int
) -> None:
    await claim(student, recent)
    assert await refusal(claim(parent, recent, pb.late)) == (StatusCode.FAILED_PRECONDITION, "CLAIM_OPEN")
    await claim(student, recent_class)
    await claim(parent, recent_class, user_id=CLASSMATE)
    assert len(platform.rows(ROWS)) == 3


async def test_of_many_claims_at_once_one_is_recorded(
    student: Client, parent: Client, platform: Platform, recent: int
) -> None:
    calls = [claim(caller, recent) for caller in (student, parent) * 5]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, pb.Claim) for outcome in outcomes) == 1
    assert len(platform.rows(ROWS)) == 1


async def test_nobody_is_kept_busy_by_one_lesson(
    student: Client, parent: Client, platform: Platform, recent: int
) -> None:
    for _ in range(5):
        raised = await claim(student, recent)
        await student.report("AnswerClaim", claim_id=raised.claim_id, answer=pb.taken_back)
    assert await refusal(claim(student, recent)) == (StatusCode.FAILED_PRECONDITION, "TOO_MANY_CLAIMS")
    assert len(platform.rows(ROWS)) == 5
    # Their parents may still object.
    assert (await claim(parent, recent)).claim_id == 6


async def test_hostile_notes_are_kept_to_the_letter(student: Client, tutor: Client, recent: int) -> None:
    await claim(student, recent, note=HOSTILE)
    assert [it.note for it in await claims(tutor)] == [HOSTILE]


async def test_a_session_that_does_not_exist_is_not_found(student: Client) -> None:
    assert await refusal(claim(student, 999)) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")

from __future__ import annotations

import pytest
from google.protobuf.json_format import MessageToDict
from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, CLASS, CLASSMATE, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there


async def test_history_lists_decisions_with_their_changes_newest_first(
    tutor: Client, admin: Client, platform: Platform
) -> None:
    session_id = platform.add_session()
    await tutor.mark(session_id, student_attendance_status=pb.absent, attendance_notes="Nobody came")
    await admin.mark(session_id, tutor_attendance_status=pb.late)
    newest, oldest = (await tutor.history(session_id)).decisions
    assert (newest.decided_by, newest.decided_by_name, newest.decided_by_role) == (ADMIN, "Ada Admin", "admin")
    assert (newest.source, newest.tutor_status_before, newest.tutor_status_after) == (
        pb.admin_override,
        "present",
        "late",
    )
    assert not newest.HasField("student_status_after")
    assert not newest.HasField("notes")
    assert (oldest.student_status_before, oldest.student_status_after) == ("present", "absent")
    assert (oldest.notes, oldest.source) == ("Nobody came", pb.manual)
    assert (oldest.source_before, newest.source_before) == ("system_default", "manual")
    assert oldest.decided_at.ToMicroseconds() < newest.decided_at.ToMicroseconds()


async def test_history_shows_evidence_and_limits(tutor: Client, platform: Platform, tracking: TrackingStandIn) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
    shown = await tutor.suggestion(session_id)
    await tutor.mark(session_id, use_suggestion=True)
    [decision] = (await tutor.history(session_id)).decisions
    evidence = MessageToDict(decision.evidence)
    assert evidence["overall_recommendation"] == shown.overall_recommendation
    assert evidence["student_metrics"]["engagement_percentage"] == shown.student_metrics.engagement_percentage
    assert MessageToDict(decision.limits)["late_from_seconds"] == 300


async def test_evidence_is_unset_if_there_was_none(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session()
    await tutor.mark(session_id, student_attendance_status=pb.absent)
    [decision] = (await tutor.history(session_id)).decisions
    assert not decision.HasField("evidence")


async def test_a_student_sees_no_evidence_about_classmates(
    tutor: Client, student: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(0, 60)]), other=(CLASSMATE, []))
    await tutor.mark(session_id, use_suggestion=True)
    [seen_by_tutor] = (await tutor.history(session_id)).decisions
    [seen_by_student] = (await student.history(session_id)).decisions
    assert [it["user_id"] for it in MessageToDict(seen_by_tutor.evidence)["students"]] == [CLASSMATE, STUDENT]
    assert [it["user_id"] for it in MessageToDict(seen_by_student.evidence)["students"]] == [STUDENT]


async def test_history_comes_in_pages(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session()
    for _ in range(3):
        await tutor.mark(session_id, student_attendance_status=pb.absent)
    first = await tutor.history(session_id, page_size=2)
    second = await tutor.history(session_id, page_size=2, page_token=first.next_page_token)
    ids = [decision.id for decision in (*first.decisions, *second.decisions)]
    assert ids == sorted(ids, reverse=True)
    assert (len(first.decisions), len(second.decisions), second.next_page_token) == (2, 1, "")


async def test_a_page_token_of_another_session_is_refused(tutor: Client, platform: Platform) -> None:
    one, other = platform.add_session(), platform.add_session()
    for _ in range(2):
        await tutor.mark(one, student_attendance_status=pb.absent)
    token = (await tutor.history(one, page_size=1)).next_page_token
    assert await refusal(tutor.history(other, page_token=token)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


@pytest.mark.parametrize("size", [-1, 201])
async def test_a_page_of_history_has_1_to_200_entries(tutor: Client, platform: Platform, size: int) -> None:
    call = tutor.history(platform.add_session(), page_size=size)
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")

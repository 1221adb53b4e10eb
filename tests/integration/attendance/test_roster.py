"""Whose attendance a session decides, and who may mark it, if the whiteboard has other people."""

from __future__ import annotations

import pytest
from google.protobuf.json_format import MessageToDict
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASSMATE,
    LESSONS,
    NAMELESS,
    OTHER_TUTOR,
    STATUSES,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there


@pytest.fixture
def substitute(channel: aio.Channel) -> Client:
    return Client(channel, OTHER_TUTOR, "tutor")


@pytest.fixture
def substituted(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a lesson of TUTOR at a whiteboard of OTHER_TUTOR, who gave it."""
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    tracking.knows(whiteboard, tutor=(OTHER_TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    return platform.add_session(whiteboard_id=whiteboard)


async def test_the_enrolled_tutor_is_not_credited_with_a_substitute_s_presence(tutor: Client, substituted: int) -> None:
    suggestion = await tutor.suggestion(substituted)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.absent, pb.low)
    assert (suggestion.tutor_reasons[0], suggestion.tutor_user_id) == ("substitute", TUTOR)
    [guest] = suggestion.guests
    assert (guest.user_id, guest.name, guest.user_type) == (OTHER_TUTOR, "Other Tutor", "tutor")
    assert list(guest.intervals) == [
        pb.PresenceInterval(started_at=there(0, 60).started_at, ended_at=there(0, 60).ended_at, end_reason="closed")
    ]
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.high)


async def test_a_substitute_sees_the_session_and_its_students(substitute: Client, substituted: int) -> None:
    assert await substitute.session_ids() == [substituted]
    assert (await substitute.session(substituted)).student_name == "Sara Tesfaye"
    assert (await substitute.suggestion(substituted)).students[0].user_id == STUDENT


async def test_a_substitute_marks_the_students_and_not_the_tutor(
    substitute: Client, platform: Platform, substituted: int
) -> None:
    await substitute.mark(substituted, student_attendance_status=pb.late, attendance_notes="Joined late")
    assert platform.stored(substituted, *STATUSES) == ("present", "late", "manual")
    assert (await substitute.session(substituted)).tutor_attendance_source == "system_default"
    for mark in ({"tutor_attendance_status": pb.present}, {"use_suggestion": True}):
        refused = await refusal(substitute.mark(substituted, **mark))
        assert refused == (StatusCode.PERMISSION_DENIED, "SUBSTITUTES_MARK_STUDENTS")


async def test_a_tutor_without_a_course_or_whiteboard_of_the_session_does_not_see_it(
    substitute: Client, platform: Platform
) -> None:
    session_id, _ = platform.add_lesson()
    assert await refusal(substitute.session(session_id)) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")
    assert await substitute.session_ids() == []


async def test_a_session_without_an_enrolment_is_the_whiteboard_s_tutor_s(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=None)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    assert await tutor.session_ids() == [session_id]
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.student_confidence, suggestion.students[0].user_id) == (pb.high, STUDENT)
    assert (await tutor.mark(session_id, use_suggestion=True)).tutor_attendance_status == "present"


async def test_a_student_of_another_lesson_is_a_guest_whom_only_tutors_and_admins_see(
    tutor: Client, student: Client, admin: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, []), other=(CLASSMATE, [there(0, 60)]))
    suggestion = await tutor.suggestion(session_id)
    assert [person.user_id for person in suggestion.students] == [STUDENT]
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.absent, pb.medium)
    assert list((await student.suggestion(session_id)).guests) == []
    await tutor.mark(session_id, use_suggestion=True)
    for caller, guests in ((tutor, 1), (admin, 1), (student, 0)):
        [decision] = (await caller.history(session_id)).decisions
        assert len(MessageToDict(decision.evidence).get("guests", ())) == guests


async def test_a_student_who_is_not_let_to_the_whiteboard_is_not_called_absent(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), other=(CLASSMATE, []))
    suggestion = await tutor.suggestion(session_id)
    assert [person.user_id for person in suggestion.students] == [STUDENT]
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.low)
    assert suggestion.student_reasons[0] == "not_on_whiteboard"


async def test_an_enrolment_without_students_takes_those_of_the_whiteboard(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=NAMELESS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    assert [person.user_id for person in (await tutor.suggestion(session_id)).students] == [STUDENT]


async def test_a_student_who_is_named_twice_is_one_person(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = '{21,21}' WHERE id = %s", LESSONS)
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    assert (await tutor.session(session_id)).student_name == "Sara Tesfaye"
    assert len((await tutor.suggestion(session_id)).students) == 1

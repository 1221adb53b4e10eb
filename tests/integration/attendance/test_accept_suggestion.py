from __future__ import annotations

from datetime import timedelta

from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.policy import DEFAULT_LIMITS
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    STATUSES,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import START, TrackingStandIn, there


async def test_an_accepted_suggestion_is_stored_as_whiteboard_auto(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    shown = await tutor.suggestion(lesson)
    marked = await tutor.mark(lesson, use_suggestion=True, etag=shown.etag)
    assert (marked.tutor_attendance_status, marked.student_attendance_status) == ("present", "late")
    assert platform.stored(lesson, *STATUSES) == ("present", "late", "whiteboard_auto")


async def test_every_decision_is_kept_with_its_evidence_and_limits(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    shown = await tutor.suggestion(lesson)
    await tutor.mark(lesson, use_suggestion=True, etag=shown.etag, attendance_notes="ok")
    [kept] = platform.decisions(
        lesson,
        "decided_by",
        "decided_by_role",
        "source",
        "tutor_status_before",
        "tutor_status_after",
        "student_status_before",
        "student_status_after",
        "notes",
        "suggestion_etag",
    )
    assert kept == (TUTOR, "tutor", "whiteboard_auto", "present", "present", "present", "late", "ok", shown.etag)
    [(evidence, limits)] = platform.decisions(lesson, "evidence", "limits")
    assert evidence["student_metrics"]["lateness_minutes"] == 10
    assert evidence["tutor_metrics"]["lateness_minutes"] == 0
    assert evidence["student_intervals"][0]["started_at"] == "2026-03-02T07:10:00Z"
    assert evidence["etag"] == shown.etag
    assert limits == DEFAULT_LIMITS.as_document()


async def test_a_manual_mark_keeps_the_suggestion_as_evidence(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.present)
    [(evidence,)] = platform.decisions(lesson, "evidence")
    assert (evidence["student_status_suggestion"], evidence["student_confidence"]) == ("late", "high")


async def test_a_manual_mark_works_while_the_tracking_service_is_unavailable(
    tutor: Client, platform: Platform, lesson: int, tracking: TrackingStandIn
) -> None:
    tracking.answering.clear()
    await tutor.mark(lesson, tutor_attendance_status=pb.present, student_attendance_status=pb.absent)
    assert platform.stored(lesson, *STATUSES) == ("present", "absent", "manual")
    assert platform.decisions(lesson, "evidence", "suggestion_etag") == [(None, None)]


async def test_a_suggestion_cannot_be_accepted_while_the_tracking_service_is_unavailable(
    tutor: Client, platform: Platform, lesson: int, tracking: TrackingStandIn
) -> None:
    tracking.failures = [StatusCode.INTERNAL]
    assert await refusal(tutor.mark(lesson, use_suggestion=True)) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")
    assert platform.decisions(lesson, "id") == []


async def test_a_suggestion_that_changed_since_it_was_shown_is_refused_and_nothing_is_written(
    tutor: Client, platform: Platform, lesson: int, tracking: TrackingStandIn
) -> None:
    shown = await tutor.suggestion(lesson)
    (whiteboard,) = tracking.participants
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    accept = tutor.mark(lesson, use_suggestion=True, etag=shown.etag)
    assert await refusal(accept) == (StatusCode.ABORTED, "SUGGESTION_CHANGED")
    assert platform.stored(lesson, "attendance_source") == ("system_default",)


async def test_a_provisional_suggestion_is_refused(tutor: Client, lesson: int, tracking: TrackingStandIn) -> None:
    tracking.as_of = START + timedelta(minutes=61)
    accept = tutor.mark(lesson, use_suggestion=True)
    assert await refusal(accept) == (StatusCode.FAILED_PRECONDITION, "SUGGESTION_PROVISIONAL")


async def test_without_a_whiteboard_there_is_nothing_to_accept(tutor: Client, platform: Platform) -> None:
    accept = tutor.mark(platform.add_session(), use_suggestion=True)
    assert await refusal(accept) == (StatusCode.FAILED_PRECONDITION, "NOTHING_TO_ACCEPT")


async def test_without_a_whiteboard_a_manual_mark_has_no_evidence(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session()
    await tutor.mark(session_id, student_attendance_status=pb.late)
    assert platform.decisions(session_id, "evidence", "suggestion_etag") == [(None, None)]

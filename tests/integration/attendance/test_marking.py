from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.limits import DEFAULT_LIMITS
from tests.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    LESSONS,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import START, TrackingStandIn, there

STATUSES = ("tutor_attendance_status", "student_attendance_status", "attendance_source")


@pytest.fixture
def lesson(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a session whose tutor was there and whose student was 10 minutes late."""
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
    return session_id


async def test_a_manual_mark_is_stored_with_who_when_and_why(tutor: Client, platform: Platform, lesson: int) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    marked = await tutor.mark(
        lesson,
        tutor_attendance_status=pb.present,
        student_attendance_status=pb.late,
        attendance_notes="Student joined 10 minutes late",
    )
    stored = platform.stored(lesson, *STATUSES, "attendance_notes", "attendance_marked_by", "attendance_marked_at")
    assert stored[:5] == ("present", "late", "manual", "Student joined 10 minutes late", TUTOR)
    assert stored[5] == marked.attendance_marked_at.ToDatetime(tzinfo=UTC)
    assert stored[5] > before
    marked.ClearField("attendance_marked_at")
    assert marked == pb.MarkAttendanceResponse(
        success=True,
        session_id=lesson,
        tutor_attendance_status="present",
        student_attendance_status="late",
        attendance_source=pb.manual,
        attendance_notes="Student joined 10 minutes late",
        attendance_marked_by=TUTOR,
    )


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


async def test_a_manual_mark_keeps_the_suggestion_that_stood_there(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.present)
    [(evidence,)] = platform.decisions(lesson, "evidence")
    assert (evidence["student_status_suggestion"], evidence["student_confidence"]) == ("late", "high")


async def test_a_manual_mark_works_while_the_tracking_service_is_away(
    tutor: Client, platform: Platform, lesson: int, tracking: TrackingStandIn
) -> None:
    tracking.answering.clear()
    await tutor.mark(lesson, tutor_attendance_status=pb.present, student_attendance_status=pb.absent)
    assert platform.stored(lesson, *STATUSES) == ("present", "absent", "manual")
    assert platform.decisions(lesson, "evidence", "suggestion_etag") == [(None, None)]


async def test_a_suggestion_cannot_be_accepted_while_the_tracking_service_is_away(
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


async def test_a_session_in_the_future_can_be_marked_manually(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(session_date="2099-01-01", status="scheduled")
    assert (await tutor.mark(session_id, student_attendance_status=pb.absent)).success


async def test_a_cancelled_session_cannot_be_marked(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(status="cancelled")
    mark = tutor.mark(session_id, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "SESSION_CANCELLED")


async def test_a_status_that_is_not_sent_stays_as_it_is(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(lesson, tutor_attendance_status=pb.late, student_attendance_status=pb.absent)
    await tutor.mark(lesson, student_attendance_status=pb.present)
    assert platform.stored(lesson, *STATUSES) == ("late", "present", "manual")
    assert platform.decisions(lesson, "tutor_status_before", "tutor_status_after")[1] == (None, None)


async def test_notes_that_are_not_sent_stay_and_empty_ones_clear(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.late, attendance_notes="Bus")
    await tutor.mark(lesson, student_attendance_status=pb.present)
    assert platform.stored(lesson, "attendance_notes") == ("Bus",)
    cleared = await tutor.mark(lesson, attendance_notes="")
    assert not cleared.HasField("attendance_notes")
    assert platform.stored(lesson, "attendance_notes") == (None,)


async def test_notes_alone_leave_statuses_source_and_marker_as_they_are(
    tutor: Client, admin: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    before = platform.stored(lesson, *STATUSES, "attendance_marked_by", "attendance_marked_at")
    response = await admin.mark(lesson, attendance_notes="Checked")
    assert platform.stored(lesson, *STATUSES, "attendance_marked_by", "attendance_marked_at") == before
    assert (response.attendance_source, response.attendance_marked_by) == (pb.admin_override, TUTOR)
    assert platform.decisions(lesson, "decided_by", "source", "notes")[1] == (ADMIN, "admin_override", "Checked")


async def test_notes_alone_on_an_unmarked_session_are_refused(tutor: Client, lesson: int) -> None:
    mark = tutor.mark(lesson, attendance_notes="Bus")
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "NOTES_WITHOUT_DECISION")


async def test_a_parent_reports_their_child(parent: Client, platform: Platform, lesson: int) -> None:
    await parent.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Fever")
    assert platform.stored(lesson, *STATUSES) == ("present", "absent", "parent_reported")
    assert platform.decisions(lesson, "decided_by", "decided_by_role") == [(PARENT, "parent")]


async def test_a_parent_does_not_decide_on_the_tutor(parent: Client, lesson: int) -> None:
    mark = parent.mark(lesson, tutor_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "PARENTS_REPORT_THEIR_CHILD")


async def test_a_parent_does_not_accept_suggestions(parent: Client, lesson: int) -> None:
    assert await refusal(parent.mark(lesson, use_suggestion=True)) == (
        StatusCode.PERMISSION_DENIED,
        "PARENTS_REPORT_THEIR_CHILD",
    )


async def test_a_parent_does_not_overwrite_the_status_of_a_class(parent: Client, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    mark = parent.mark(session_id, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "GROUP_CLASS")


async def test_a_student_does_not_decide(student: Client, lesson: int) -> None:
    mark = student.mark(lesson, student_attendance_status=pb.present)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "STUDENTS_DO_NOT_DECIDE")


async def test_an_admin_overrides(admin: Client, platform: Platform, lesson: int) -> None:
    await admin.mark(lesson, tutor_attendance_status=pb.absent, student_attendance_status=pb.absent)
    assert platform.stored(lesson, *STATUSES) == ("absent", "absent", "admin_override")


async def test_an_admin_without_a_user_here_is_refused(channel: object, platform: Platform, lesson: int) -> None:
    stranger = Client(channel, 999, "admin")  # type: ignore[arg-type]  # a channel
    mark = stranger.mark(lesson, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "CALLER_UNKNOWN")
    assert platform.decisions(lesson, "id") == []


async def test_a_mark_with_the_etag_that_was_shown_is_taken_once(tutor: Client, parent: Client, lesson: int) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    await parent.mark(lesson, student_attendance_status=pb.absent, attendance_etag=etag)
    mark = tutor.mark(lesson, student_attendance_status=pb.present, attendance_etag=etag)
    assert await refusal(mark) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_a_mark_is_refused_also_if_the_row_was_changed_past_the_service(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    platform.run("UPDATE sessions SET student_attendance_status = 'absent' WHERE id = %s", lesson)
    mark = tutor.mark(lesson, student_attendance_status=pb.present, attendance_etag=etag)
    assert await refusal(mark) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_of_many_marks_at_once_with_one_etag_exactly_one_is_taken(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    marks = [tutor.mark(lesson, student_attendance_status=pb.late, attendance_etag=etag) for _ in range(12)]
    outcomes = await asyncio.gather(*marks, return_exceptions=True)
    assert sum(isinstance(outcome, pb.MarkAttendanceResponse) for outcome in outcomes) == 1
    assert len(platform.decisions(lesson, "id")) == 1


async def test_without_an_etag_the_last_decision_stands_and_every_one_is_kept(
    tutor: Client, admin: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await admin.mark(lesson, student_attendance_status=pb.late)
    assert platform.stored(lesson, *STATUSES)[1:] == ("late", "admin_override")
    assert platform.decisions(lesson, "student_status_before", "student_status_after") == [
        ("present", "absent"),
        ("absent", "late"),
    ]


async def test_a_mark_with_nothing_to_decide_is_refused(tutor: Client, lesson: int) -> None:
    assert await refusal(tutor.mark(lesson)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_an_unknown_session_is_not_found(tutor: Client) -> None:
    mark = tutor.mark(4711, student_attendance_status=pb.late)
    assert await refusal(mark) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_a_session_that_somebody_holds_locked_is_told_as_unavailable(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    platform.run("BEGIN")
    platform.run("SELECT id FROM sessions WHERE id = %s FOR UPDATE", lesson)
    mark = tutor.mark(lesson, student_attendance_status=pb.late)
    assert await refusal(mark) == (StatusCode.UNAVAILABLE, "STORAGE_UNAVAILABLE")
    platform.run("ROLLBACK")


async def test_a_statement_that_fails_tells_nothing_of_it_to_the_caller_and_no_notes_to_the_log(
    tutor: Client, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.run("ALTER TABLE attendance_decisions DROP COLUMN suggestion_etag")
    session_id = platform.add_session()
    with pytest.raises(aio.AioRpcError) as refused:
        await tutor.mark(session_id, student_attendance_status=pb.absent, attendance_notes="a private matter")
    assert refused.value.code() is StatusCode.INTERNAL
    assert "suggestion_etag" not in str(refused.value.details())
    assert "suggestion_etag" in caplog.text
    assert "a private matter" not in caplog.text
    assert platform.stored(session_id, "attendance_source") == ("system_default",)


async def test_notes_never_reach_the_log(tutor: Client, platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    await tutor.mark(session_id, student_attendance_status=pb.absent, attendance_notes="a private matter")
    assert "a private matter" not in caplog.text

"""Of a lesson whose facts were deleted, what was settled still counts; nobody is taken for absent."""

from __future__ import annotations

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import STUDENT, TUTOR, Platform
from tests.integration.attendance.test_settling import settled, students
from tests.integration.attendance.tracking_stand_in import LATER, TrackingStandIn

EVERYTHING = ("judged_at", "etag", "suggestion", "outcome", "billable_seconds", "recheck_at")


def forget(tracking: TrackingStandIn) -> None:
    """Answer as the tracking service does once the facts are older than is kept."""
    for whiteboard in tracking.participants:
        tracking.knows(whiteboard, tutor=(TUTOR, []), student=(STUDENT, []))
    tracking.deleted_until = LATER


@pytest.fixture
def old(lesson: int, tracking: TrackingStandIn) -> int:
    """A lesson whose facts were deleted before it was settled."""
    forget(tracking)
    return lesson


async def settle_and_forget(app: AttendanceApp, tracking: TrackingStandIn) -> None:
    await app.settling.settle_all()
    forget(tracking)


async def test_without_a_settlement_nothing_is_suggested(tutor: Client, old: int) -> None:
    shown = await tutor.suggestion(old)
    assert (shown.has_whiteboard, list(shown.student_reasons)) == (False, ["facts_deleted"])
    assert (shown.student_status_suggestion, shown.student_confidence) == (pb.present, pb.low)


async def test_what_was_settled_is_suggested_still(
    app: AttendanceApp, tutor: Client, lesson: int, tracking: TrackingStandIn
) -> None:
    before = await tutor.suggestion(lesson)
    await settle_and_forget(app, tracking)
    shown = await tutor.suggestion(lesson)
    assert (shown.etag, shown.student_status_suggestion, shown.tutor_status_suggestion) == (
        before.etag,
        pb.late,
        pb.present,
    )
    assert list(shown.student_reasons) == [*before.student_reasons, "facts_deleted"]
    assert [shown.HasField("tutor_metrics"), shown.HasField("student_metrics")] == [False, False]


@pytest.mark.usefixtures("channel")
async def test_a_settlement_stays_whatever_asks_for_it_to_be_made_anew(
    app: AttendanceApp, tutor: Client, lesson: int, platform: Platform, tracking: TrackingStandIn
) -> None:
    await settle_and_forget(app, tracking)
    written = settled(platform, lesson, *EVERYTHING), students(platform, lesson, "status", "active_seconds")
    platform.run("UPDATE settled_sessions SET recheck_at = '2026-03-03'")
    await app.settling.settle_all()
    await tutor.suggestion(lesson)
    platform.run("UPDATE settled_sessions SET recheck_at = NULL")
    assert (settled(platform, lesson, *EVERYTHING), students(platform, lesson, "status", "active_seconds")) == written


async def test_it_can_be_accepted(app: AttendanceApp, tutor: Client, lesson: int, tracking: TrackingStandIn) -> None:
    await settle_and_forget(app, tracking)
    marked = await tutor.mark(lesson, use_suggestion=True)
    assert marked.student_attendance_status == "late"


async def test_facts_that_are_gone_have_not_changed(
    app: AttendanceApp, tutor: Client, lesson: int, tracking: TrackingStandIn
) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    await settle_and_forget(app, tracking)
    assert not (await tutor.session(lesson)).HasField("facts_changed_since_decision")


async def test_reports_have_what_was_settled(
    app: AttendanceApp, admin: Client, lesson: int, platform: Platform, tracking: TrackingStandIn
) -> None:
    platform.run("UPDATE sessions SET status = 'completed' WHERE id = %s", lesson)
    await app.settling.settle_all()
    outcomes = await admin.report("ListLessonOutcomes", group_by="day")
    forget(tracking)
    (row,) = (await admin.report("GetStudentAttendanceReport", student_id=21)).sessions
    assert (row.active_minutes, await admin.report("ListLessonOutcomes", group_by="day")) == (50, outcomes)


async def test_minutes_that_nobody_wrote_down_are_not_zero(admin: Client, old: int, platform: Platform) -> None:
    platform.run("UPDATE sessions SET status = 'completed' WHERE id = %s", old)
    (row,) = (await admin.report("GetStudentAttendanceReport", student_id=21)).sessions
    assert not row.HasField("active_minutes")


async def test_a_policy_is_not_tried_on_them(admin: Client, tutor: Client, old: int, tracking: TrackingStandIn) -> None:
    tracking.deleted_until = None
    await tutor.mark(old, use_suggestion=True)
    tracking.deleted_until = LATER
    evaluated = await admin.report("EvaluatePolicy")
    assert [(left.reason, left.decisions) for left in evaluated.left_out] == [("facts_deleted", 1)]

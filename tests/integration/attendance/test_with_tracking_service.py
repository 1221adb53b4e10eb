"""The attendance service with a real tracking service: both understand the contract in the same way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.observation import cover
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import STUDENT, TUTOR, Platform


def lesson_time(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02 {clock}Z")


@pytest.fixture
def tutor(both_services: aio.Channel) -> Client:
    return Client(both_services, TUTOR, "tutor")


async def test_recorded_presence_is_judged(tutor: Client, platform: Platform) -> None:
    session_id, whiteboard = platform.add_lesson()
    for user, role, since, until in ((TUTOR, "tutor", "07:00", "08:00"), (STUDENT, "student", "07:10", "08:00")):
        platform.add_presence(whiteboard, user, since, until, role)
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.present, pb.high)
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.late, pb.high)
    assert suggestion.student_metrics.active_seconds == 3000


async def test_a_lesson_that_was_held_in_the_hour_before_its_time_is_not_a_clear_absence(
    tutor: Client, platform: Platform
) -> None:
    session_id, whiteboard = platform.add_lesson()
    platform.add_presence(whiteboard, TUTOR, "05:30", "06:59:55", "tutor")
    platform.add_presence(whiteboard, STUDENT, "06:10", "06:50")
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.absent, pb.medium)
    assert suggestion.tutor_reasons[-1] == suggestion.student_reasons[-1] == "seen_outside_window"
    # Only the hour before the window counts.
    assert "for 59.9 min" in suggestion.tutor_metrics.reason
    together = suggestion.seen_together
    assert together.started_at.ToDatetime(tzinfo=UTC) == lesson_time("06:10")
    assert together.ended_at.ToDatetime(tzinfo=UTC) == lesson_time("06:50")
    # In the session time zone.
    assert "together from 09:10 to 09:50" in suggestion.overall_recommendation
    accepted = await tutor.report("ApplySuggestions")
    assert [skipped.reason for skipped in accepted.not_applied] == ["SUGGESTION_NOT_SURE"]


async def test_activity_is_returned_by_minute_of_the_window_and_not_kept_as_evidence(
    tutor: Client, platform: Platform
) -> None:
    session_id, whiteboard = platform.add_lesson()
    platform.add_presence(whiteboard, STUDENT, "07:00", "08:00")
    platform.run(
        """INSERT INTO activity_periods
               (whiteboard_session_id, user_id, user_type, period_start, activity_type, first_at, occurrences)
           SELECT %s, %s, 'student', at, 'draw', at, 3 FROM unnest(ARRAY[
               timestamptz '2026-03-02 06:59:30Z', '2026-03-02 07:01Z', '2026-03-02 07:01:30Z']) AS at""",
        whiteboard,
        STUDENT,
    )
    suggestion = await tutor.suggestion(session_id)
    assert list(suggestion.student_activity) == [0, 6, *[0] * 58]
    assert [list(student.activity) for student in suggestion.students] == [list(suggestion.student_activity)]
    assert list(suggestion.tutor_activity) == []
    await tutor.mark(session_id, use_suggestion=True)
    [decision] = (await tutor.history(session_id)).decisions
    assert "student_activity" not in decision.evidence


async def test_a_session_from_before_there_was_tracking_is_not_called_absence(
    tutor: Client, platform: Platform
) -> None:
    session_id, _ = platform.add_lesson()
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.present, pb.low)
    assert suggestion.tutor_reasons[0] == suggestion.student_reasons[0] == "cannot_know"
    accepted = await tutor.report("ApplySuggestions")
    assert [skipped.reason for skipped in accepted.not_applied] == ["SUGGESTION_NOT_SURE"]


async def test_both_are_absent_if_no_one_connected(tutor: Client, platform: Platform, database: str) -> None:
    cover(database, lesson_time("06:00"), datetime.now(UTC) + timedelta(minutes=1))
    session_id, _ = platform.add_lesson()
    suggestion = await tutor.suggestion(session_id)
    assert list(suggestion.tutor_reasons) == list(suggestion.student_reasons) == ["never_connected"]


async def test_a_session_that_has_not_begun(tutor: Client, platform: Platform) -> None:
    session_id, _ = platform.add_lesson(session_date="2099-01-01", status="scheduled")
    suggestion = await tutor.suggestion(session_id)
    assert (list(suggestion.tutor_reasons), suggestion.provisional) == (["not_begun"], True)


async def test_the_whiteboards_own_schedule(tutor: Client, platform: Platform, database: str) -> None:
    cover(database, lesson_time("06:00"), datetime.now(UTC) + timedelta(minutes=1))
    session_id, _ = platform.add_lesson(end_time="10:00")
    platform.run(
        "UPDATE whiteboard_sessions SET scheduled_start = '2026-03-02 07:00Z', scheduled_end = '2026-03-02 07:45Z'"
    )
    suggestion = await tutor.suggestion(session_id)
    assert suggestion.tutor_metrics.session_duration_seconds == 45 * 60


async def test_a_whiteboard_without_a_schedule(tutor: Client, platform: Platform) -> None:
    session_id, _ = platform.add_lesson(end_time="10:00")
    assert list((await tutor.suggestion(session_id)).tutor_reasons) == ["no_schedule"]


async def test_an_outage_during_a_class_is_not_called_absence(tutor: Client, platform: Platform, database: str) -> None:
    """The class is from 07:00 to 08:00 UTC; no replica ran from 07:02 to 07:50."""
    session_id, whiteboard = platform.add_lesson()
    cover(database, lesson_time("06:00"), lesson_time("07:02"))
    cover(database, lesson_time("07:50"), datetime.now(UTC) + timedelta(minutes=1))
    platform.add_presence(whiteboard, STUDENT, "06:58", "07:01")
    platform.run("UPDATE presence_intervals SET end_reason = 'timed_out'")
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.low)
    assert list(suggestion.student_reasons) == ["cannot_know", "partly_unobserved"]
    # There was no sign of life of the tutor on either side: absent, with less confidence.
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.absent, pb.medium)
    assert list(suggestion.tutor_reasons) == ["never_connected", "partly_unobserved"]


async def test_an_unobserved_arrival_gives_low_confidence(tutor: Client, platform: Platform, database: str) -> None:
    """The student is first seen by a heartbeat after an outage that covers the class."""
    session_id, whiteboard = platform.add_lesson()
    cover(database, lesson_time("06:00"), lesson_time("06:50"))
    cover(database, lesson_time("08:10"), datetime.now(UTC) + timedelta(minutes=1))
    platform.add_presence(whiteboard, STUDENT, "08:11", "08:12")
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.low)
    assert suggestion.student_reasons[-1] == "arrival_decisive"

"""Sessions that are over are judged once and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from attendance_service.domain.errors import TrackingUnavailable
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.settlement import Settlement, settlement_of
from attendance_service.settings import AttendanceSettings
from attendance_service.store.settling_queue import CLAIM_SECONDS
from attendance_service.use_cases.settling import MAX_REPETITIONS
from testkit.eventually import eventually
from testkit.running_app import running
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import CLASS, CLASSMATE, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import START, TrackingStandIn, there

pytestmark = pytest.mark.usefixtures("channel")


def settled(platform: Platform, session_id: int, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a session's settlement, or none."""
    statement = f"SELECT {', '.join(columns)} FROM settled_sessions WHERE session_id = %s AND judged_at IS NOT NULL"  # noqa: S608
    return platform.rows(statement, session_id)


def students(platform: Platform, session_id: int, *columns: str) -> list[tuple[Any, ...]]:
    statement = f"SELECT {', '.join(columns)} FROM settled_students WHERE session_id = %s ORDER BY position"  # noqa: S608
    return platform.rows(statement, session_id)


def just_over(*, ended: timedelta) -> dict[str, Any]:
    """Return the columns of a session of an hour that ended some time ago, in the session time zone."""
    start = datetime.now(UTC) - ended - timedelta(hours=1) + timedelta(hours=3)
    end = start + timedelta(hours=1)
    return {"session_date": start.date(), "start_time": start.time(), "end_time": end.time()}


async def test_a_session_that_is_over_is_written_down(app: AttendanceApp, platform: Platform, lesson: int) -> None:
    await app.settling.settle_all()
    assert settled(
        platform, lesson, "tutor_id", "tutor_user_id", "tutor_status", "tutor_confidence", "student_status"
    ) == [(11, TUTOR, "present", "high", "late")]
    assert students(platform, lesson, "student_id", "user_id", "status", "confidence", "lateness_seconds") == [
        (21, STUDENT, "late", "high", 600)
    ]


async def test_it_is_written_down_as_it_is_suggested(
    app: AttendanceApp, tutor: Client, platform: Platform, lesson: int
) -> None:
    shown = await tutor.suggestion(lesson)
    await app.settling.settle_all()
    assert settled(
        platform, lesson, "etag", "policy_version", "tutor_reasons", "suggestion ->> 'overall_recommendation'"
    ) == [(shown.etag, 0, list(shown.tutor_reasons), shown.overall_recommendation)]


async def test_many_sessions_take_one_call(app: AttendanceApp, platform: Platform, tracking: TrackingStandIn) -> None:
    lessons = [platform.add_lesson() for _ in range(20)]
    for _, whiteboard in lessons:
        tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    await app.settling.settle_all()
    assert tracking.batches == [20]
    assert len(platform.rows("SELECT FROM settled_sessions WHERE judged_at IS NOT NULL")) == 20


async def test_each_student_of_a_class_is_written_down(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(0, 60)]), other=(CLASSMATE, []))
    await app.settling.settle_all()
    assert students(platform, session_id, "student_id", "status", "active_seconds", "reasons[1]") == [
        (22, "absent", 0, "never_connected"),
        (21, "present", 3600, "on_time"),
    ]


async def test_what_became_of_the_lesson_is_written_down_for_all_and_for_each(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(20, 60)]), other=(CLASSMATE, []))
    await app.settling.settle_all()
    columns = ("outcome", "overlap_seconds", "tutor_waited_seconds", "billable_seconds")
    assert settled(platform, session_id, *columns, "outcome_tutor_id") == [("held", 2400, 1200, 2400, 11)]
    assert students(platform, session_id, "student_id", *columns, "waited_seconds") == [
        (22, "student_no_show", 0, 3600, 900, 0),
        (21, "held", 2400, 1200, 2400, 0),
    ]


async def test_students_whom_only_the_whiteboard_names_are_written_down(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=None)
    without_profile = 302
    tracking.knows(
        whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(0, 60)]), other=(without_profile, [])
    )
    await app.settling.settle_all()
    assert students(platform, session_id, "student_id", "user_id") == [(21, STUDENT), (None, without_profile)]


@pytest.mark.parametrize("columns", [{"status": "cancelled"}, {"whiteboard_id": None}])
async def test_the_roster_is_written_down_where_nothing_is_suggested(
    app: AttendanceApp, platform: Platform, columns: Mapping[str, Any]
) -> None:
    session_id = platform.add_session(**{"whiteboard_id": platform.add_whiteboard(), **columns})
    await app.settling.settle_all()
    assert settled(platform, session_id, "has_whiteboard", "student_confidence") == [(False, "low")]
    assert students(platform, session_id, "student_id", "status") == [(21, None)]
    outcome = columns.get("status")
    assert settled(platform, session_id, "outcome", "outcome_tutor_id") == [(outcome, 11)]
    assert students(platform, session_id, "outcome") == [(outcome,)]


@pytest.mark.parametrize(
    "columns",
    [
        lambda: {"session_date": "2099-01-01"},
        lambda: {"session_date": None},
        # Reckoned when the test runs, which may be minutes after it was collected.
        lambda: just_over(ended=timedelta(minutes=1)),
    ],
)
async def test_a_session_that_is_not_over_is_not_settled(
    app: AttendanceApp, platform: Platform, columns: Callable[[], Mapping[str, Any]]
) -> None:
    session_id = platform.add_session(**columns())
    await app.settling.settle_all()
    assert settled(platform, session_id, "session_id") == []


async def test_a_session_without_a_day_is_settled_when_its_whiteboard_says_that_it_is_over(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(session_date=None)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    tracking.schedule = (START, START + timedelta(hours=1))
    tracking.as_of = START + timedelta(minutes=30)
    await app.settling.settle_all()
    assert settled(platform, session_id, "session_id") == []
    tracking.as_of = START + timedelta(hours=2)
    platform.run("UPDATE settled_sessions SET claimed_until = now()")
    await app.settling.settle_all()
    assert settled(platform, session_id, "tutor_status") == [("present",)]


async def test_it_is_judged_again_because_late_reports_may_come(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    columns = just_over(ended=timedelta(hours=2))
    whiteboard = platform.add_whiteboard()
    session_id = platform.add_session(whiteboard_id=whiteboard, **columns)
    tracking.as_of = datetime.now(UTC)
    tracking.knows(whiteboard, tutor=(TUTOR, []), student=(STUDENT, []))
    await app.settling.settle_all()
    [(status, changed_at, recheck_in)] = settled(
        platform, session_id, "student_status", "changed_at", "recheck_at - now()"
    )
    assert (status, changed_at) == ("absent", None)
    assert timedelta(hours=1, minutes=59) < recheck_in < timedelta(hours=2, minutes=1)

    tracking.participants[whiteboard][1].intervals.extend([there(-(10**7), 10**7)])
    await app.settling.settle_all()
    assert settled(platform, session_id, "student_status") == [("absent",)]

    platform.run("UPDATE settled_sessions SET recheck_at = now()")
    await app.settling.settle_all()
    [(status, changed_at)] = settled(platform, session_id, "student_status", "changed_at")
    assert status == "present"
    assert changed_at is not None


async def test_another_outcome_is_a_change_also_if_no_status_changes(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    await app.settling.settle_all()
    assert settled(platform, session_id, "student_status", "outcome", "changed_at") == [
        ("absent", "student_no_show", None)
    ]
    tracking.participants[whiteboard][1].intervals.extend([there(50, 51)])
    platform.run("UPDATE settled_sessions SET recheck_at = now()")
    await app.settling.settle_all()
    [(status, outcome, changed_at)] = settled(platform, session_id, "student_status", "outcome", "changed_at")
    assert (status, outcome) == ("absent", "held")
    assert changed_at is not None


@pytest.mark.parametrize(
    "change", ["start_time = '09:00'", "whiteboard_id = NULL", "status = 'cancelled'", "enrolled_courses_id = 2"]
)
async def test_a_session_that_was_changed_is_judged_anew(
    app: AttendanceApp, platform: Platform, lesson: int, change: str
) -> None:
    await app.settling.settle_all()
    platform.run(f"UPDATE sessions SET {change} WHERE id = %s", lesson)  # noqa: S608
    [(before,)] = settled(platform, lesson, "judged_at")
    await app.settling.settle_all()
    [(after,)] = settled(platform, lesson, "judged_at")
    assert after > before


async def test_a_reader_who_finds_another_result_has_it_written_down(
    app: AttendanceApp, tutor: Client, tracking: TrackingStandIn, lesson: int
) -> None:
    await app.settling.settle_all()
    before = (await tutor.session(lesson)).suggestion
    await tutor.suggestion(lesson)
    assert (await tutor.session(lesson)).suggestion == before
    [whiteboard] = tracking.participants
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    read = await tutor.suggestion(lesson)
    after = (await tutor.session(lesson)).suggestion
    assert after.etag == read.etag != before.etag
    assert (before.student_status_suggestion, after.student_status_suggestion) == (pb.late, pb.present)
    assert after.changed_at == after.judged_at


async def test_a_reader_gets_the_suggestion_also_if_it_can_not_be_written_down(
    app: AttendanceApp, tutor: Client, tracking: TrackingStandIn, lesson: int
) -> None:
    await app.settling.settle_all()
    [whiteboard] = tracking.participants
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    tracking.fail_after = len(tracking.requests) + 1
    assert (await tutor.suggestion(lesson)).student_status_suggestion == pb.present
    assert (await tutor.session(lesson)).suggestion.student_status_suggestion == pb.late


async def test_a_session_that_was_moved_to_the_future_is_not_settled_any_more(
    app: AttendanceApp, platform: Platform, lesson: int
) -> None:
    await app.settling.settle_all()
    platform.run("UPDATE sessions SET session_date = '2099-01-01' WHERE id = %s", lesson)
    platform.run("UPDATE settled_sessions SET recheck_at = now()")
    await app.settling.settle_all()
    assert settled(platform, lesson, "session_id") == []


async def test_however_long_tracking_is_unavailable_sessions_wait(
    app: AttendanceApp, platform: Platform, tracking: TrackingStandIn, lesson: int
) -> None:
    for _ in range(2 * MAX_REPETITIONS):
        tracking.failures = [StatusCode.INTERNAL]
        with pytest.raises(TrackingUnavailable):
            await app.settling.settle_all()
    assert settled(platform, lesson, "session_id") == []
    await app.settling.settle_all()
    assert len(settled(platform, lesson, "session_id")) == 1


async def test_two_replicas_never_judge_the_same_session(
    app: AttendanceApp, settings: AttendanceSettings, platform: Platform, tracking: TrackingStandIn, lesson: int
) -> None:
    tracking.answering.clear()
    first = asyncio.create_task(app.settling.settle_all())
    await tracking.asked.wait()
    other = AttendanceApp(settings)
    async with running(other):
        await other.settling.settle_all()
        assert tracking.batches == [1]
        tracking.answering.set()
        await first
    assert len(settled(platform, lesson, "session_id")) == 1


async def test_what_a_replica_claimed_that_ended_is_taken_over(
    app: AttendanceApp, platform: Platform, lesson: int
) -> None:
    claim = "INSERT INTO settled_sessions (session_id, claimed_until) VALUES (%s, now() + %s)"
    platform.run(claim, lesson, timedelta(seconds=CLAIM_SECONDS))
    await app.settling.settle_all()
    assert settled(platform, lesson, "session_id") == []
    platform.run("UPDATE settled_sessions SET claimed_until = now()")
    await app.settling.settle_all()
    assert len(settled(platform, lesson, "session_id")) == 1


async def test_a_session_that_can_not_be_judged_does_not_hold_up_the_others(
    app: AttendanceApp, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [platform.add_session() for _ in range(3)]

    def failing(session: TutoringSession, *arguments: Any, **named: Any) -> Settlement:  # noqa: ANN401
        if session.id == sessions[1]:
            raise ZeroDivisionError
        return settlement_of(session, *arguments, **named)

    monkeypatch.setattr("attendance_service.use_cases.settling.settlement_of", failing)
    await app.settling.settle_all()
    assert [len(settled(platform, session_id, "session_id")) for session_id in sessions] == [1, 0, 1]


async def test_the_service_settles_by_itself_and_stops(
    settings: AttendanceSettings, platform: Platform, lesson: int
) -> None:
    app = AttendanceApp(settings.model_copy(update={"settling_interval_seconds": 0.01}))
    async with running(app):
        await eventually(lambda: settled(platform, lesson, "session_id"))


async def test_lists_show_what_was_suggested_without_asking(
    app: AttendanceApp, tutor: Client, tracking: TrackingStandIn, lesson: int
) -> None:
    [before] = (await tutor.sessions()).sessions
    assert not before.HasField("suggestion")
    await app.settling.settle_all()
    suggestion = await tutor.suggestion(lesson)
    tracking.requests.clear()
    [listed] = (await tutor.sessions()).sessions
    assert tracking.requests == []
    shown = listed.suggestion
    assert (shown.etag, shown.overall_recommendation) == (suggestion.etag, suggestion.overall_recommendation)
    assert (shown.tutor_status_suggestion, shown.tutor_confidence) == (pb.present, pb.high)
    assert (shown.student_status_suggestion, list(shown.student_reasons)) == (pb.late, list(suggestion.student_reasons))
    assert [(it.student_id, it.user_id, it.name, it.status_suggestion) for it in shown.students] == [
        (21, STUDENT, "Sara Tesfaye", pb.late)
    ]
    assert shown.HasField("judged_at")
    assert not shown.HasField("changed_at")
    assert (await tutor.session(lesson)).suggestion == shown


async def test_lists_show_what_became_of_the_lesson(
    app: AttendanceApp, tutor: Client, platform: Platform, lesson: int
) -> None:
    cancelled = platform.add_session(status="cancelled", start_time="09:00")
    without_whiteboard = platform.add_session(start_time="08:00")
    await app.settling.settle_all()
    listed = {session.id: session for session in (await tutor.sessions()).sessions}
    shown = listed[lesson].lesson_outcome
    assert shown == (await tutor.suggestion(lesson)).lesson_outcome == (await tutor.session(lesson)).lesson_outcome
    assert (shown.outcome, shown.overlap_minutes, shown.tutor_waited_minutes) == (pb.held, 50, 10)
    assert listed[lesson].suggestion.students[0].lesson_outcome == shown
    assert listed[cancelled].lesson_outcome.outcome == pb.cancelled
    assert not listed[without_whiteboard].HasField("lesson_outcome")


@pytest.mark.parametrize(
    "change",
    [
        *("start_time = '09:00'", "session_date = '2099-01-01'", "enrolled_courses_id = 2", "whiteboard_id = NULL"),
        "status = 'cancelled'",
    ],
)
async def test_what_was_suggested_about_another_time_or_whiteboard_is_not_shown(
    app: AttendanceApp, tutor: Client, platform: Platform, lesson: int, change: str
) -> None:
    await app.settling.settle_all()
    platform.run(f"UPDATE sessions SET {change} WHERE id = %s", lesson)  # noqa: S608
    session = await tutor.session(lesson)
    assert not session.HasField("suggestion")
    assert not session.HasField("lesson_outcome")


async def test_classmates_suggestions_are_not_shown(
    app: AttendanceApp, tutor: Client, student: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(0, 60)]), other=(CLASSMATE, []))
    await app.settling.settle_all()
    of_tutor, own = await tutor.session(session_id), await student.session(session_id)
    whole, seen = of_tutor.suggestion, own.suggestion
    assert (of_tutor.HasField("lesson_outcome"), own.HasField("lesson_outcome")) == (True, False)
    assert seen.students[0].lesson_outcome.outcome == pb.held
    assert [it.student_id for it in whole.students] == [22, 21]
    assert [it.student_id for it in seen.students] == [21]
    assert (list(seen.student_reasons), seen.etag) == ([], "")
    assert seen.student_status_suggestion == whole.student_status_suggestion

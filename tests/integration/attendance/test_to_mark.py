"""What waits to be marked: which sessions, how many, what is clear, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, CLASS, CLASSMATE, OTHER_TUTOR, PARENT, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

TO_MARK = {"attendance_filter": "to_mark"}
#: The session time zone is three hours ahead of UTC.
ZONE_HOURS = 3


def starting(hours: float, *, lasts: float = 1) -> dict[str, Any]:
    """Return the columns of a session that starts in some hours; negative: it started so long ago."""
    start = datetime.now(UTC) + timedelta(hours=hours + ZONE_HOURS)
    return {
        "session_date": start.date(),
        "start_time": start.time(),
        "end_time": (start + timedelta(hours=lasts)).time(),
    }


@pytest.mark.parametrize("status", ["completed", "in-progress", "in_progress", "scheduled", "missed"])
async def test_a_session_whose_time_is_over_is_to_be_marked_whatever_the_platform_says(
    tutor: Client, platform: Platform, status: str
) -> None:
    session_id = platform.add_session(status=status)
    assert await tutor.session_ids(**TO_MARK) == [session_id]


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "in-progress", **starting(-0.5)},
        {"status": "scheduled", **starting(24)},
        {"status": "completed", **starting(24)},
        {"status": "cancelled"},
        {"status": "scheduled", "session_date": None},
    ],
    ids=["running", "tomorrow", "completed tomorrow", "cancelled", "without a day"],
)
async def test_what_is_not_over_or_cancelled_is_not_to_be_marked(
    tutor: Client, platform: Platform, columns: dict[str, Any]
) -> None:
    platform.add_session(**columns)
    assert await tutor.session_ids(**TO_MARK) == []


@pytest.mark.parametrize(
    "columns", [{"status": "completed", **starting(-0.5)}, {"status": "completed", "session_date": None}]
)
async def test_a_session_that_the_platform_completed_is_over(
    tutor: Client, platform: Platform, columns: dict[str, Any]
) -> None:
    session_id = platform.add_session(**columns)
    assert await tutor.session_ids(**TO_MARK) == [session_id]


async def test_what_a_parent_reported_leaves_the_tutor_to_be_marked(
    tutor: Client, parent: Client, platform: Platform
) -> None:
    session_id = platform.add_session()
    await parent.mark(session_id, student_attendance_status=pb.absent)
    assert await tutor.session_ids(**TO_MARK) == [session_id]
    await tutor.mark(session_id, tutor_attendance_status=pb.present)
    assert await tutor.session_ids(**TO_MARK) == []


async def test_a_student_whose_mark_a_parent_withdrew_is_to_be_marked_again(
    tutor: Client, parent: Client, platform: Platform
) -> None:
    session_id = platform.add_session()
    await tutor.mark(session_id, tutor_attendance_status=pb.present, student_attendance_status=pb.absent)
    await parent.mark(session_id, student_attendance_status=pb.present)
    assert await tutor.session_ids(**TO_MARK) == []
    await parent.call("WithdrawDecision", pb.WithdrawDecisionRequest(session_id=session_id))
    assert await tutor.session_ids(**TO_MARK) == [session_id]
    assert (await tutor.sessions(with_total_size=True, **TO_MARK)).total_size == 1
    await tutor.mark(session_id, student_attendance_status=pb.present)
    assert await tutor.session_ids(**TO_MARK) == []


async def test_a_class_stays_until_each_student_is_marked(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    mark = pb.StudentMark(user_id=STUDENT, status=pb.present)
    await tutor.mark(session_id, tutor_attendance_status=pb.present, students=[mark])
    assert await tutor.session_ids(**TO_MARK) == [session_id]
    await tutor.mark(session_id, students=[pb.StudentMark(user_id=CLASSMATE, status=pb.absent)])
    assert await tutor.session_ids(**TO_MARK) == []


async def test_all_pages_are_counted_where_that_is_asked_for(tutor: Client, admin: Client, platform: Platform) -> None:
    for _ in range(3):
        platform.add_session()
    platform.add_session(attendance_source="manual")
    first = await tutor.sessions(page_size=2, with_total_size=True, **TO_MARK)
    assert (len(first.sessions), first.total_size) == (2, 3)
    rest = await tutor.sessions(page_size=2, page_token=first.next_page_token, **TO_MARK)
    assert len(rest.sessions) == 1
    assert not rest.HasField("total_size")
    assert (await tutor.sessions(with_total_size=True)).total_size == 4
    assert (await admin.sessions(with_total_size=True, **TO_MARK)).total_size == 3


async def test_what_is_counted_passes_the_search_and_the_filters(tutor: Client, platform: Platform) -> None:
    platform.add_session()
    platform.add_session(enrolled_courses_id=CLASS)
    platform.add_session(session_date="2026-03-03")
    for filters, count in (
        ({"search": "dawit"}, 1),
        ({"search": "nobody"}, 0),
        ({"date_from": "2026-03-03"}, 1),
        ({"status_filter": "completed"}, 3),
        ({"status_filter": "missed"}, 0),
    ):
        assert (await tutor.sessions(page_size=1, with_total_size=True, **TO_MARK, **filters)).total_size == count


async def test_counting_stops_at_a_thousand_and_does_not_go_through_the_sessions_of_all(
    tutor: Client, admin: Client, platform: Platform
) -> None:
    platform.run(
        """INSERT INTO sessions (enrolled_courses_id, session_date, start_time, end_time, status, attendance_source)
           SELECT 1, '2026-03-02', '10:00', '11:00', 'completed', 'system_default' FROM generate_series(1, 1010)"""
    )
    assert (await tutor.sessions(page_size=1, with_total_size=True, **TO_MARK)).total_size == 1000
    assert not (await admin.sessions(page_size=1, with_total_size=True, **TO_MARK)).HasField("total_size")


async def test_what_was_measured_is_shown_with_the_suggestion(app: AttendanceApp, tutor: Client, lesson: int) -> None:
    await app.settling.settle_all()
    [card] = (await tutor.sessions(**TO_MARK)).sessions
    suggestion = card.suggestion
    assert card.id == lesson
    assert (suggestion.tutor_lateness_minutes, suggestion.tutor_active_minutes) == (0, 60)
    assert [(it.lateness_minutes, it.active_minutes) for it in suggestion.students] == [(10, 50)]


async def test_of_a_person_who_never_came_no_lateness_is_shown(
    app: AttendanceApp, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    _, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, []), student=(STUDENT, []))
    await app.settling.settle_all()
    [card] = (await tutor.sessions(**TO_MARK)).sessions
    assert not card.suggestion.HasField("tutor_lateness_minutes")
    assert not card.suggestion.students[0].HasField("lateness_minutes")
    assert (card.suggestion.tutor_active_minutes, card.suggestion.students[0].active_minutes) == (0, 0)


async def test_without_a_whiteboard_nothing_was_measured(app: AttendanceApp, tutor: Client, platform: Platform) -> None:
    platform.add_session()
    await app.settling.settle_all()
    [card] = (await tutor.sessions(**TO_MARK)).sessions
    assert not card.suggestion.HasField("tutor_active_minutes")
    assert not card.suggestion_is_clear


async def test_a_suggestion_is_clear_to_those_who_may_accept_it(
    app: AttendanceApp, channel: aio.Channel, lesson: int
) -> None:
    await app.settling.settle_all()
    people = ((TUTOR, "tutor"), (ADMIN, "admin"), (PARENT, "parent"), (STUDENT, "student"))
    shown = [(await Client(channel, user, role).session(lesson)).suggestion_is_clear for user, role in people]
    assert shown == [True, True, False, False]


async def test_a_substitute_can_not_accept_it(
    app: AttendanceApp, channel: aio.Channel, platform: Platform, tracking: TrackingStandIn
) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(whiteboard_id=whiteboard)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    await app.settling.settle_all()
    shown = [
        (await Client(channel, user, "tutor").session(session_id)).suggestion_is_clear for user in (TUTOR, OTHER_TUTOR)
    ]
    assert shown == [True, False]


async def test_a_suggestion_that_is_not_sure_is_not_clear(
    app: AttendanceApp, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 30)]))
    await app.settling.settle_all()
    assert not (await tutor.session(session_id)).suggestion_is_clear


async def test_of_a_class_it_is_clear_if_it_is_about_each_student(
    app: AttendanceApp, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    lessons = []
    for minutes in (60, 30):
        session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
        tracking.knows(
            whiteboard,
            tutor=(TUTOR, [there(0, 60)]),
            one=(STUDENT, [there(0, 60)]),
            two=(CLASSMATE, [there(0, minutes)]),
        )
        lessons.append(session_id)
    await app.settling.settle_all()
    assert [(await tutor.session(it)).suggestion_is_clear for it in lessons] == [True, False]


async def test_what_is_marked_or_objected_to_is_not_clear(
    app: AttendanceApp, tutor: Client, student: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    today = starting(-5)
    objected, whiteboard = platform.add_lesson(**today)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    marked = platform.add_session()
    await app.settling.settle_all()
    await student.call(
        "RaiseClaim", pb.RaiseClaimRequest(session_id=objected, claimed_status=pb.present, note="I was there")
    )
    await tutor.mark(marked, tutor_attendance_status=pb.present, student_attendance_status=pb.present)
    assert [(await tutor.session(it)).suggestion_is_clear for it in (objected, marked)] == [False, False]


async def test_an_accepted_suggestion_is_withdrawn_by_the_etag_that_came_with_it(
    app: AttendanceApp, tutor: Client, lesson: int
) -> None:
    await app.settling.settle_all()
    shown = await tutor.session(lesson)
    accepted = await tutor.mark(lesson, use_suggestion=True, etag=shown.suggestion.etag)
    assert accepted.attendance_etag == (await tutor.session(lesson)).attendance_etag
    request = pb.WithdrawDecisionRequest(session_id=lesson, attendance_etag=accepted.attendance_etag)
    withdrawn = await tutor.call("WithdrawDecision", request)
    assert withdrawn.session.attendance_source == "system_default"
    assert (await tutor.session(lesson)).suggestion_is_clear


async def test_so_is_each_of_many(app: AttendanceApp, tutor: Client, lesson: int) -> None:
    await app.settling.settle_all()
    preview = await tutor.call("ApplySuggestions", pb.ApplySuggestionsRequest(session_ids=[lesson], preview=True))
    assert preview.applied[0].attendance_etag == ""
    [applied] = (await tutor.call("ApplySuggestions", pb.ApplySuggestionsRequest(session_ids=[lesson]))).applied
    assert applied.attendance_etag == (await tutor.session(lesson)).attendance_etag


async def test_what_another_person_decided_since_is_not_withdrawn(
    app: AttendanceApp, tutor: Client, admin: Client, lesson: int
) -> None:
    await app.settling.settle_all()
    accepted = await tutor.mark(lesson, use_suggestion=True)
    await admin.mark(lesson, student_attendance_status=pb.absent)
    request = pb.WithdrawDecisionRequest(session_id=lesson, attendance_etag=accepted.attendance_etag)
    code, _ = await refusal(tutor.call("WithdrawDecision", request))
    assert code is StatusCode.ABORTED

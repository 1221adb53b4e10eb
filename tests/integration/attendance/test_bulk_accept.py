"""Accepting many suggestions with one call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from grpc import StatusCode, aio
from sqlalchemy import Engine, event

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASS,
    CLASSMATE,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STATUSES,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import END, START, TrackingStandIn, there

METHOD = "ApplySuggestions"
#: The lock's limit, the lock, the caller, the sessions three times, settlements, policies, names, who decided last,
#: and three that write.
MAX_STATEMENTS = 13
UNMARKED = ("present", "present", "system_default")
AddLesson = Callable[[float], int]


@pytest.fixture
def add_lesson(platform: Platform, tracking: TrackingStandIn) -> AddLesson:
    """Return a function that adds a lesson whose student came some minutes late: 10 is clear, 5 is too near a limit."""

    def add(late: float) -> int:
        session_id, whiteboard = platform.add_lesson()
        tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(late, 60)]))
        return session_id

    return add


async def apply(client: Client, **fields: Any) -> pb.ApplySuggestionsResponse:  # noqa: ANN401
    response: pb.ApplySuggestionsResponse = await client.report(METHOD, **fields)
    return response


def outcomes(response: pb.ApplySuggestionsResponse) -> tuple[list[int], dict[int, str]]:
    """Return the accepted sessions, and the reasons of the skipped ones."""
    return [it.session_id for it in response.applied], {it.session_id: it.reason for it in response.not_applied}


async def test_clear_suggestions_are_accepted_and_the_others_reported(
    tutor: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    clear, unsure = add_lesson(10), add_lesson(5)
    assert outcomes(await apply(tutor)) == ([clear], {unsure: "SUGGESTION_NOT_SURE"})
    assert platform.stored(clear, *STATUSES) == ("present", "late", "whiteboard_auto")
    assert platform.stored(unsure, *STATUSES) == UNMARKED


async def test_each_session_has_its_own_decision_with_evidence(
    tutor: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    sessions = [add_lesson(10), add_lesson(0)]
    applied = {it.session_id: it.etag for it in (await apply(tutor)).applied}
    for session_id in sessions:
        [(source, decider, etag, shown)] = platform.decisions(
            session_id, "source", "decided_by", "suggestion_etag", "evidence ->> 'etag'"
        )
        assert (source, decider) == ("whiteboard_auto", TUTOR)
        assert etag == shown == applied[session_id]


async def test_a_preview_returns_the_same_and_writes_nothing(
    tutor: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    clear, _ = add_lesson(10), add_lesson(5)
    previewed = await apply(tutor, preview=True)
    assert platform.stored(clear, *STATUSES) == UNMARKED
    assert platform.decisions(clear, "id") == []
    written = await apply(tutor)
    assert written.applied[0].attendance_etag
    written.applied[0].ClearField("attendance_etag")
    assert written == previewed


async def test_only_suggestions_that_are_still_as_previewed_are_accepted(
    tutor: Client, platform: Platform, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    stays, changes = add_lesson(10), add_lesson(10)
    shown = (await apply(tutor, preview=True)).applied
    tracking.knows(max(tracking.participants), tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    sessions = [pb.SuggestionToApply(session_id=it.session_id, etag=it.etag) for it in shown]
    assert outcomes(await apply(tutor, sessions=sessions)) == ([stays], {changes: "SUGGESTION_CHANGED"})
    assert platform.stored(changes, *STATUSES) == UNMARKED


async def test_a_session_that_was_marked_in_the_meantime_is_skipped(
    tutor: Client, parent: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    session_id = add_lesson(10)
    await parent.mark(session_id, student_attendance_status=pb.absent)
    assert outcomes(await apply(tutor, session_ids=[session_id])) == ([], {session_id: "ALREADY_MARKED"})
    assert platform.stored(session_id, *STATUSES) == ("present", "absent", "parent_reported")


async def test_a_running_session_is_skipped(tutor: Client, tracking: TrackingStandIn, add_lesson: AddLesson) -> None:
    session_id = add_lesson(10)
    tracking.as_of = START + timedelta(minutes=30)
    assert outcomes(await apply(tutor)) == ([], {session_id: "SUGGESTION_PROVISIONAL"})


async def test_sessions_without_a_whiteboard_are_reported(
    tutor: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    without, clear = platform.add_session(), add_lesson(10)
    assert outcomes(await apply(tutor)) == ([clear], {without: "NOTHING_TO_ACCEPT"})
    assert platform.stored(without, *STATUSES) == UNMARKED


async def test_a_session_without_a_day_has_the_times_of_its_whiteboard(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(session_date=None)
    tracking.schedule = (START, END)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    assert outcomes(await apply(tutor)) == ([session_id], {})


async def test_marked_cancelled_and_future_sessions_are_not_tried(
    tutor: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    await tutor.mark(add_lesson(10), use_suggestion=True)
    platform.add_lesson(status="cancelled")
    platform.add_lesson(session_date="2099-01-01")
    assert await apply(tutor) == pb.ApplySuggestionsResponse()


async def test_a_tutor_accepts_no_suggestion_about_other_tutors_sessions(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(enrolled_courses_id=OTHERS, whiteboard_id=whiteboard)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    assert outcomes(await apply(tutor)) == ([], {})
    assert outcomes(await apply(tutor, session_ids=[session_id])) == ([], {session_id: "SESSION_NOT_FOUND"})


async def test_a_class_is_accepted_if_the_class_is_clear(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    present = [there(0, 60)]
    tracking.knows(whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), other=(CLASSMATE, present))
    assert outcomes(await apply(tutor)) == ([session_id], {})


async def test_each_student_of_a_class_is_accepted_by_themselves(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    present = [there(0, 60)]
    tracking.knows(whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), other=(CLASSMATE, []))
    [preview] = (await apply(tutor, preview=True)).applied
    [applied] = (await apply(tutor, sessions=[pb.SuggestionToApply(session_id=session_id, etag=preview.etag)])).applied
    applied.ClearField("attendance_etag")
    assert applied == preview
    assert [(it.student_id, it.name, it.status, it.applied, it.reason) for it in applied.students] == [
        (22, "Dawit Haile", pb.absent, True, ""),
        (21, "Sara Tesfaye", pb.present, True, ""),
    ]
    assert platform.stored(session_id, *STATUSES) == ("present", "present", "whiteboard_auto")
    students = (await tutor.session(session_id)).students
    assert [(it.student_id, it.attendance_status, it.attendance_source) for it in students] == [
        (22, "absent", "whiteboard_auto"),
        (21, "present", "whiteboard_auto"),
    ]


async def test_students_about_whom_it_is_not_sure_stay_unmarked(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(
        whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(5, 60)]), other=(CLASSMATE, [there(0, 60)])
    )
    [applied] = (await apply(tutor)).applied
    assert [(it.student_id, it.status, it.applied, it.reason) for it in applied.students] == [
        (22, pb.present, True, ""),
        (21, pb.late, False, "SUGGESTION_NOT_SURE"),
    ]
    session = await tutor.session(session_id)
    assert [(it.attendance_source, it.attendance_status) for it in session.students] == [
        ("whiteboard_auto", "present"),
        ("system_default", ""),
    ]
    assert session.undecided_students == 1
    assert await tutor.session_ids(attendance_filter="unmarked") == [session_id]
    assert platform.rows("SELECT student_id, status_after, confidence FROM attendance_student_decisions") == [
        (22, "present", "high")
    ]


@pytest.mark.parametrize(("tutor_late", "students_late"), [(5, 0), (0, 5)])
async def test_a_class_is_left_out_if_the_tutor_or_all_students_are_unsure(
    tutor: Client, platform: Platform, tracking: TrackingStandIn, tutor_late: float, students_late: float
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    students = [there(students_late, 60)]
    tracking.knows(
        whiteboard, tutor=(TUTOR, [there(tutor_late, 60)]), one=(STUDENT, students), other=(CLASSMATE, students)
    )
    assert outcomes(await apply(tutor)) == ([], {session_id: "SUGGESTION_NOT_SURE"})
    assert platform.stored(session_id, *STATUSES) == UNMARKED


async def test_a_lesson_with_one_student_lists_no_students(tutor: Client, add_lesson: AddLesson) -> None:
    add_lesson(10)
    [applied] = (await apply(tutor)).applied
    assert list(applied.students) == []


async def test_an_admin_accepts_only_the_named_sessions(
    admin: Client, platform: Platform, add_lesson: AddLesson
) -> None:
    named, other = add_lesson(10), add_lesson(10)
    assert outcomes(await apply(admin, session_ids=[named, named, 4711])) == ([named], {4711: "SESSION_NOT_FOUND"})
    assert platform.stored(other, *STATUSES) == UNMARKED


async def test_pages_go_through_all_sessions_newest_first(tutor: Client, add_lesson: AddLesson) -> None:
    sessions = [add_lesson(10), add_lesson(5), add_lesson(0)]
    seen: list[int] = []
    for page in await tutor.pages(METHOD, page_size=1):
        accepted, skipped = outcomes(page)
        seen += [*accepted, *skipped]
    assert seen == sessions[::-1]


async def test_many_sessions_take_one_call_and_as_many_statements_as_few(
    tutor: Client, platform: Platform, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    statements: list[str] = []

    def count(*execution: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own signature of listeners
        statements.append(execution[2])

    counts = []
    # Names that the first request reads once are known then.
    await apply(tutor, preview=True)
    event.listen(Engine, "before_cursor_execute", count)
    try:
        for sessions in (2, 50):
            added = [add_lesson(10) for _ in range(sessions)]
            statements.clear()
            tracking.batches.clear()
            applied, _ = outcomes(await apply(tutor))
            assert sorted(applied) == added
            assert tracking.batches == [sessions]
            counts.append(len(statements))
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert counts[0] == counts[1] <= MAX_STATEMENTS
    assert platform.rows("SELECT count(*) FROM attendance_decisions") == [(52,)]


async def test_settled_sessions_are_accepted_without_asking(
    tutor: Client, app: AttendanceApp, platform: Platform, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    settled = add_lesson(10)
    await app.settling.settle_all()
    suggestion = await tutor.suggestion(settled)
    other = add_lesson(10)
    tracking.fail_after = 0
    assert outcomes(await apply(tutor)) == ([settled], {other: "TRACKING_UNAVAILABLE"})
    [(etag, shown)] = platform.decisions(settled, "suggestion_etag", "evidence ->> 'overall_recommendation'")
    assert (etag, shown) == (suggestion.etag, suggestion.overall_recommendation)


async def test_a_session_on_which_late_reports_may_come_is_judged_now(
    tutor: Client, app: AttendanceApp, platform: Platform, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    session_id = add_lesson(10)
    await app.settling.settle_all()
    platform.run("UPDATE settled_sessions SET recheck_at = now() + interval '1 hour'")
    tracking.knows(max(tracking.participants), tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    assert outcomes(await apply(tutor)) == ([session_id], {})
    assert platform.stored(session_id, *STATUSES) == ("present", "present", "whiteboard_auto")


async def test_a_session_that_was_settled_under_another_policy_is_judged_now(
    tutor: Client, app: AttendanceApp, platform: Platform, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    session_id = add_lesson(10)
    await app.settling.settle_all()
    platform.run("UPDATE settled_sessions SET policy_version = 7")
    tracking.fail_after = 0
    add_lesson(0)
    assert await refusal(apply(tutor, session_ids=[session_id])) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")


async def test_a_preview_of_a_settled_session_protects_what_was_shown(
    tutor: Client, app: AttendanceApp, platform: Platform, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    session_id = add_lesson(10)
    await app.settling.settle_all()
    [shown] = (await apply(tutor, preview=True)).applied
    tracking.knows(max(tracking.participants), tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    platform.run("UPDATE settled_sessions SET recheck_at = now()")
    await app.settling.settle_all()
    again = [pb.SuggestionToApply(session_id=session_id, etag=shown.etag)]
    assert outcomes(await apply(tutor, sessions=again)) == ([], {session_id: "SUGGESTION_CHANGED"})


async def test_while_tracking_is_unavailable_the_call_fails(
    tutor: Client, tracking: TrackingStandIn, add_lesson: AddLesson
) -> None:
    add_lesson(10)
    tracking.fail_after = 0
    assert await refusal(apply(tutor)) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")


@pytest.mark.parametrize(("user", "role"), [(STUDENT, "student"), (PARENT, "parent")])
async def test_only_tutors_and_admins_may_accept_in_bulk(channel: aio.Channel, user: int, role: str) -> None:
    refused = await refusal(apply(Client(channel, user, role)))
    assert refused == (StatusCode.PERMISSION_DENIED, "MANY_AT_ONCE_NOT_YOURS")


@pytest.mark.parametrize(
    "fields",
    [
        {"session_ids": [0]},
        {"session_ids": range(1, 52)},
        {"session_ids": [1], "sessions": [pb.SuggestionToApply(session_id=1)]},
        {"session_ids": [1], "page_size": 1},
        {"page_size": 51},
        {"page_token": "x"},
    ],
)
async def test_an_invalid_request_is_refused(tutor: Client, fields: dict[str, Any]) -> None:
    assert await refusal(apply(tutor, **fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")

"""What became of lessons, counted per day, tutor and student from what settling has written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_STUDENT,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import START, TrackingStandIn, there

LIST, EXPORT = "ListLessonOutcomes", "ExportLessonOutcomes"
ALL_HOUR = [there(0, 60)]


class Lessons:
    """Adds lessons with what the tracking service knows about them."""

    def __init__(self, platform: Platform, tracking: TrackingStandIn) -> None:
        self._platform, self._tracking = platform, tracking

    def add(
        self,
        tutor: list[Any],
        student: list[Any],
        *,
        by: int = TUTOR,
        user: int = STUDENT,
        **columns: Any,  # noqa: ANN401 - whatever a column takes
    ) -> int:
        session_id, whiteboard = self._platform.add_lesson(**columns)
        self._tracking.knows(whiteboard, tutor=(by, tutor), student=(user, student))
        return session_id


@pytest.fixture
def lessons(platform: Platform, tracking: TrackingStandIn) -> Lessons:
    return Lessons(platform, tracking)


@pytest.fixture
def mixed(lessons: Lessons, platform: Platform) -> None:
    """One lesson of each outcome, all of TUTOR and STUDENT on one day."""
    lessons.add(ALL_HOUR, [there(10, 50)])
    lessons.add([there(0, 20)], [])
    lessons.add([], [there(3, 60)])
    lessons.add([], [])
    lessons.add(ALL_HOUR, ALL_HOUR, status="cancelled")
    platform.add_session()


TOTALS: dict[str, Any] = {
    "lessons": 6,
    "held": 1,
    "student_no_shows": 1,
    "tutor_no_shows": 1,
    "nobody_came": 1,
    "cancelled": 1,
    "cannot_know": 1,
    "overlap_minutes": 40,
    "billable_minutes": 55,
    "tutor_waited_minutes": 30,
    "student_waited_minutes": 57,
}


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize(
    ("grouping", "about"),
    [
        ("", {"day": "2026-03-02"}),
        ("day", {"day": "2026-03-02"}),
        ("tutor", {"tutor_id": 11, "tutor_name": "Abebe Kebede"}),
        ("student", {"student_id": 21, "student_name": "Sara Tesfaye"}),
    ],
)
async def test_outcomes_and_minutes_are_counted(
    admin: Client, app: AttendanceApp, grouping: str, about: dict[str, Any]
) -> None:
    await app.settling.settle_all()
    expected = pb.LessonOutcomeTotals(**(about | TOTALS))
    assert list((await admin.report(LIST, group_by=grouping)).outcomes) == [expected]
    assert await admin.exported(EXPORT, group_by=grouping, separator=";") == [
        {name: str(float(value) if name.endswith("minutes") else value) for name, value in {**about, **TOTALS}.items()}
    ]


@pytest.mark.usefixtures("mixed")
async def test_lessons_count_once_they_are_settled(admin: Client) -> None:
    assert list((await admin.report(LIST)).outcomes) == []


async def test_a_lesson_that_was_moved_counts_for_its_new_day(
    admin: Client, app: AttendanceApp, lessons: Lessons, platform: Platform
) -> None:
    session_id = lessons.add(ALL_HOUR, ALL_HOUR)
    await app.settling.settle_all()
    platform.run("UPDATE sessions SET session_date = '2026-03-01' WHERE id = %s", session_id)
    assert list((await admin.report(LIST)).outcomes) == []
    await app.settling.settle_all()
    assert [row.day for row in (await admin.report(LIST)).outcomes] == ["2026-03-01"]


async def test_only_lessons_of_the_days_count_both_ends_included(
    admin: Client, app: AttendanceApp, lessons: Lessons
) -> None:
    for day in (1, 2, 3, 4):
        lessons.add(ALL_HOUR, ALL_HOUR, session_date=f"2026-02-0{day}")
    await app.settling.settle_all()
    asked = {"date_from": "2026-02-02", "date_to": "2026-02-03"}
    assert [row.day for row in (await admin.report(LIST, **asked)).outcomes] == ["2026-02-03", "2026-02-02"]
    for grouping in ("tutor", "student"):
        [row] = (await admin.report(LIST, group_by=grouping, **asked)).outcomes
        assert row.lessons == 2


@pytest.mark.parametrize("grouping", ["day", "tutor", "student"])
async def test_a_lesson_without_a_day_is_in_no_row(
    admin: Client, app: AttendanceApp, lessons: Lessons, tracking: TrackingStandIn, grouping: str
) -> None:
    tracking.schedule = (START, START + timedelta(hours=1))
    session_id = lessons.add(ALL_HOUR, ALL_HOUR, session_date=None)
    await app.settling.settle_all()
    assert (await admin.session(session_id)).lesson_outcome.outcome == pb.held
    assert list((await admin.report(LIST, group_by=grouping)).outcomes) == []


# Whose lesson it is.


async def test_a_substitute_s_lesson_counts_for_the_substitute(
    admin: Client, app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(whiteboard_id=whiteboard)
    tracking.knows(whiteboard, tutor=(OTHER_TUTOR, [there(0, 55)]), student=(STUDENT, ALL_HOUR))
    await app.settling.settle_all()
    [row] = (await admin.report(LIST, group_by="tutor")).outcomes
    assert (row.tutor_id, row.held, row.billable_minutes) == (12, 1, 55)
    suggestion = await admin.suggestion(session_id)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.absent, pb.low)


async def test_a_lesson_that_the_course_passes_on_later_counts_for_who_gave_it(
    admin: Client, app: AttendanceApp, lessons: Lessons, platform: Platform
) -> None:
    lessons.add(ALL_HOUR, ALL_HOUR)
    await app.settling.settle_all()
    platform.run("UPDATE enrolled_courses SET tutor_id = 12")
    [row] = (await admin.report(LIST, group_by="tutor")).outcomes
    assert row.tutor_id == 11


async def test_a_lesson_without_an_enrolment_counts_for_the_tutor_of_the_whiteboard(
    admin: Client, app: AttendanceApp, lessons: Lessons
) -> None:
    lessons.add(ALL_HOUR, ALL_HOUR, enrolled_courses_id=None)
    await app.settling.settle_all()
    [row] = (await admin.report(LIST, group_by="tutor")).outcomes
    assert row.tutor_id == 11
    [row] = (await admin.report(LIST, group_by="student")).outcomes
    assert row.student_id == 21


async def test_each_student_of_a_class_has_a_row_of_their_own(
    admin: Client, app: AttendanceApp, platform: Platform, tracking: TrackingStandIn
) -> None:
    _, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, ALL_HOUR), one=(STUDENT, [there(20, 60)]), other=(CLASSMATE, []))
    await app.settling.settle_all()
    dawit, sara = (await admin.report(LIST, group_by="student")).outcomes
    assert (dawit.student_id, dawit.held, dawit.student_no_shows, dawit.billable_minutes) == (22, 0, 1, 15)
    assert (sara.student_id, sara.held, sara.student_no_shows, sara.billable_minutes) == (21, 1, 0, 40)
    assert sara.tutor_waited_minutes == 20
    [day] = (await admin.report(LIST)).outcomes
    assert (day.lessons, day.billable_minutes) == (1, 40)


# Who sees what.


@pytest.fixture
def of_both_tutors(lessons: Lessons) -> None:
    lessons.add(ALL_HOUR, ALL_HOUR)
    lessons.add(ALL_HOUR, ALL_HOUR, by=OTHER_TUTOR, user=OTHER_STUDENT, enrolled_courses_id=OTHERS)


@pytest.mark.usefixtures("of_both_tutors")
@pytest.mark.parametrize(
    ("caller", "tutors", "students"),
    [
        ((ADMIN, "admin"), [11, 12], [23, 21]),
        ((TUTOR, "tutor"), [11], [21]),
        ((OTHER_TUTOR, "tutor"), [12], [23]),
        ((STUDENT, "student"), None, [21]),
        ((PARENT, "parent"), None, [21]),
        ((OTHER_PARENT, "parent"), None, [23]),
    ],
)
async def test_everyone_sees_their_own(
    channel: aio.Channel, app: AttendanceApp, caller: tuple[int, str], tutors: list[int] | None, students: list[int]
) -> None:
    await app.settling.settle_all()
    client = Client(channel, *caller)
    assert [row.student_id for row in (await client.report(LIST, group_by="student")).outcomes] == students
    for grouping in ("day", "tutor"):
        for method in (LIST, EXPORT):
            if tutors is None:
                refused = await refusal(client.report(method, group_by=grouping))
                assert refused == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_REPORT")
    if tutors is not None:
        assert [row.tutor_id for row in (await client.report(LIST, group_by="tutor")).outcomes] == tutors
        [day] = (await client.report(LIST)).outcomes
        assert day.lessons == len(tutors)


async def test_a_tutor_sees_of_a_student_only_what_counts_for_the_tutor(
    tutor: Client, app: AttendanceApp, lessons: Lessons, platform: Platform
) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = '{21}' WHERE id = 3")
    lessons.add(ALL_HOUR, ALL_HOUR)
    lessons.add(ALL_HOUR, ALL_HOUR, by=OTHER_TUTOR, enrolled_courses_id=OTHERS)
    await app.settling.settle_all()
    [row] = (await tutor.report(LIST, group_by="student")).outcomes
    assert (row.student_id, row.lessons) == (21, 1)


# Pages and requests.


async def test_pages_follow_the_days_newest_first(admin: Client, app: AttendanceApp, lessons: Lessons) -> None:
    for day in (1, 2, 2, 3, 4, 5):
        lessons.add(ALL_HOUR, ALL_HOUR, session_date=f"2026-02-0{day}")
    await app.settling.settle_all()
    pages = await admin.pages(LIST, page_size=2)
    assert [[row.day[-1] for row in page.outcomes] for page in pages] == [["5", "4"], ["3", "2"], ["1"]]
    assert [line["day"][-1] for line in await admin.exported(EXPORT)] == ["5", "4", "3", "2", "1"]


@pytest.mark.usefixtures("of_both_tutors")
@pytest.mark.parametrize(("grouping", "ids"), [("tutor", [11, 12]), ("student", [21, 23])])
async def test_pages_follow_the_profiles(admin: Client, app: AttendanceApp, grouping: str, ids: list[int]) -> None:
    await app.settling.settle_all()
    pages = await admin.pages(LIST, page_size=1, group_by=grouping)
    assert [getattr(row, f"{grouping}_id") for page in pages for row in page.outcomes] == ids


@pytest.mark.usefixtures("of_both_tutors")
async def test_a_page_token_is_refused_for_another_grouping(admin: Client, app: AttendanceApp) -> None:
    await app.settling.settle_all()
    token = (await admin.report(LIST, page_size=1, group_by="tutor")).next_page_token
    refused = await refusal(admin.report(LIST, page_size=1, group_by="student", page_token=token))
    assert refused == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (LIST, {"group_by": "course"}),
        (EXPORT, {"group_by": "course"}),
        (LIST, {"date_from": "2026-03-02", "date_to": "2026-03-01"}),
        (LIST, {"page_size": 201}),
        (LIST, {"page_token": "x"}),
        (EXPORT, {"separator": "|"}),
    ],
)
async def test_an_invalid_request_is_refused(admin: Client, method: str, fields: dict[str, Any]) -> None:
    assert await refusal(admin.report(method, **fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_a_day_past_the_calendar_is_no_position(admin: Client, app: AttendanceApp, lessons: Lessons) -> None:
    lessons.add(ALL_HOUR, ALL_HOUR, session_date="9999-12-31")
    await app.settling.settle_all()
    assert list((await admin.report(LIST)).outcomes) == []

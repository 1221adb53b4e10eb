"""Attendance by week, compared with a count in Python over the same lessons."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit.grpc_errors import refusal
from tests.integration.attendance.classes import mark
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    CLASSMATE,
    LESSONS,
    OTHER_PARENT,
    OTHER_STUDENT,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

LIST, EXPORT = "ListAttendanceTrend", "ExportAttendanceTrend"
MONDAY = date(2026, 2, 2)
SARA, DAWIT, OTHER = 21, 22, 23
#: The students of the courses.
STUDENTS = {LESSONS: (SARA,), CLASS: (DAWIT, SARA), OTHERS: (OTHER,)}
TUTORS = {LESSONS: 11, CLASS: 11, OTHERS: 12}
STATUSES = (None, "present", "late", "absent", "excused")


def drawn(seed: int) -> list[tuple[date, int, dict[int, str | None]]]:
    """Draw lessons: day, course, and what is recorded about each student (None: nothing)."""
    draw = random.Random(seed)
    return [
        (
            MONDAY + timedelta(days=draw.randrange(24)),
            course,
            {student: draw.choice(STATUSES) for student in STUDENTS[course]},
        )
        for course in draw.choices(tuple(STUDENTS), k=20)
    ]


async def add(platform: Platform, admin: Client, lessons: list[tuple[date, int, dict[int, str | None]]]) -> None:
    for day, course, recorded in lessons:
        session_id = platform.add_session(enrolled_courses_id=course, session_date=day)
        marks = [
            mark(student, pb.AttendanceStatus.Value("absent" if word == "excused" else word), excused=word == "excused")
            for student, word in recorded.items()
            if word is not None
        ]
        if marks:
            await admin.mark(session_id, students=marks)


def expected(
    lessons: list[tuple[date, int, dict[int, str | None]]], tutor: int | None = None, student: int | None = None
) -> list[dict[str, Any]]:
    """Count the same in another way: newest week first."""
    weeks: dict[str, Counter[str]] = {}
    for day, course, recorded in lessons:
        if tutor not in {None, TUTORS[course]} or (student is not None and student not in recorded):
            continue
        year, week, _ = day.isocalendar()
        counts = weeks.setdefault(f"{year}-W{week:02}", Counter())
        counts["lessons"] += 1
        for who, word in recorded.items():
            if student in {None, who}:
                counts[word or "unmarked"] += 1
    rows = []
    for name, counts in sorted(weeks.items(), reverse=True):
        attended = counts["present"] + counts["late"]
        marked = attended + counts["absent"] + counts["excused"]
        rows.append(
            {
                "week": name,
                "lessons": counts["lessons"],
                "marked": marked,
                "attended": attended,
                "present": counts["present"],
                "late": counts["late"],
                "absent": counts["absent"] + counts["excused"],
                "excused": counts["excused"],
                "unmarked": counts["unmarked"],
                "attended_rate": round(attended / marked * 100, 2) if marked else None,
            }
        )
    return rows


def counted(answer: pb.ListAttendanceTrendResponse) -> list[dict[str, Any]]:
    return [
        {
            "week": row.week,
            "lessons": row.lessons,
            "marked": row.marked,
            "attended": row.attended,
            "present": row.present,
            "late": row.late,
            "absent": row.absent,
            "excused": row.excused,
            "unmarked": row.unmarked,
            "attended_rate": pytest.approx(row.attended_rate, abs=0.006) if row.HasField("attended_rate") else None,
        }
        for row in answer.weeks
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("is_settled", [False, True])
async def test_weeks_are_counted_like_the_lessons_themselves(
    app: AttendanceApp, channel: aio.Channel, platform: Platform, admin: Client, seed: int, *, is_settled: bool
) -> None:
    lessons = drawn(seed)
    await add(platform, admin, lessons)
    if is_settled:
        await app.settling.settle_all()
    assert counted(await admin.report(LIST)) == expected(lessons)
    assert counted(await admin.report(LIST, tutor_id=12)) == expected(lessons, tutor=12)
    assert counted(await admin.report(LIST, student_id=DAWIT)) == expected(lessons, student=DAWIT)
    for user, role, asked, what in (
        (TUTOR, "tutor", {}, {"tutor": 11}),
        (OTHER_TUTOR, "tutor", {}, {"tutor": 12}),
        (TUTOR, "tutor", {"student_id": SARA}, {"tutor": 11, "student": SARA}),
        (STUDENT, "student", {"student_id": SARA}, {"student": SARA}),
        (PARENT, "parent", {"student_id": SARA}, {"student": SARA}),
    ):
        assert counted(await Client(channel, user, role).report(LIST, **asked)) == expected(lessons, **what)


async def test_pages_follow_the_weeks_newest_first_and_the_csv_has_all(
    admin: Client, tutor: Client, platform: Platform
) -> None:
    await add(
        platform, admin, [(MONDAY + timedelta(weeks=week), LESSONS, {SARA: "present"}) for week in (0, 1, 3, 4, 7)]
    )
    for client in (admin, tutor):
        pages = await client.pages(LIST, page_size=2)
        assert [[row.week for row in page.weeks] for page in pages] == [
            ["2026-W13", "2026-W10"],
            ["2026-W09", "2026-W07"],
            ["2026-W06"],
        ]
    lines = await admin.exported(EXPORT)
    assert [(line["first_day"], line["attended_rate"]) for line in lines] == [
        (day, "100.0") for day in ("2026-03-23", "2026-03-02", "2026-02-23", "2026-02-09", "2026-02-02")
    ]


async def test_a_week_begins_on_monday_and_only_its_days_of_the_range_count(
    admin: Client, tutor: Client, platform: Platform
) -> None:
    days = [MONDAY + timedelta(days=days) for days in (-1, 0, 2, 6, 7)]
    await add(platform, admin, [(day, LESSONS, {SARA: "present"}) for day in days])
    for client in (admin, tutor):
        answer = await client.report(LIST, date_from="2026-02-03", date_to="2026-02-09")
        assert [(row.first_day, row.lessons) for row in answer.weeks] == [("2026-02-09", 1), ("2026-02-02", 2)]


async def test_minutes_together_and_scheduled_are_of_lessons_that_are_settled(
    app: AttendanceApp, admin: Client, parent: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    for course, student_was_there in ((LESSONS, [there(10, 60)]), (LESSONS, []), (CLASS, [there(30, 60)])):
        _, whiteboard = platform.add_lesson(enrolled_courses_id=course)
        tracking.knows(
            whiteboard,
            tutor=(TUTOR, [there(0, 60)]),
            student=(STUDENT, student_was_there),
            classmate=(CLASSMATE, [there(0, 45)] if course == CLASS else []),
        )
    # Nothing is known about it.
    platform.add_session()
    [row] = (await admin.report(LIST)).weeks
    assert (row.lessons, row.overlap_minutes, row.scheduled_minutes) == (4, 0, 0)
    await app.settling.settle_all()
    [row] = (await admin.report(LIST)).weeks
    assert (row.overlap_minutes, row.scheduled_minutes) == (50 + 0 + 60, 180)
    [row] = (await parent.report(LIST, student_id=SARA)).weeks
    assert (row.overlap_minutes, row.scheduled_minutes) == (50 + 0 + 30, 180)


async def test_a_lesson_past_midnight_is_as_long_as_it_is(
    app: AttendanceApp, admin: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    _, whiteboard = platform.add_lesson(start_time="23:30", end_time="00:15")
    tracking.knows(whiteboard, tutor=(TUTOR, []), student=(STUDENT, []))
    await app.settling.settle_all()
    [row] = (await admin.report(LIST)).weeks
    assert row.scheduled_minutes == 45


async def test_lessons_that_are_not_completed_do_not_count(admin: Client, platform: Platform) -> None:
    platform.add_session(status="scheduled")
    platform.add_session(status="cancelled")
    assert list((await admin.report(LIST)).weeks) == []


# Who sees what.


async def test_a_tutor_sees_nothing_of_another(admin: Client, tutor: Client, platform: Platform) -> None:
    await add(platform, admin, [(MONDAY, OTHERS, {OTHER: "present"}), (MONDAY, LESSONS, {SARA: "present"})])
    assert list((await tutor.report(LIST, tutor_id=12)).weeks) == []
    assert [row.lessons for row in (await tutor.report(LIST)).weeks] == [1]


@pytest.mark.parametrize("method", [LIST, EXPORT])
@pytest.mark.parametrize(
    ("caller", "asked", "reason"),
    [
        ((STUDENT, "student"), {}, "NOT_YOUR_REPORT"),
        ((PARENT, "parent"), {"tutor_id": 11}, "NOT_YOUR_REPORT"),
        ((STUDENT, "student"), {"student_id": DAWIT}, "STUDENT_NOT_FOUND"),
        ((OTHER_STUDENT, "student"), {"student_id": SARA}, "STUDENT_NOT_FOUND"),
        ((OTHER_PARENT, "parent"), {"student_id": SARA}, "STUDENT_NOT_FOUND"),
        ((OTHER_TUTOR, "tutor"), {"student_id": SARA}, "STUDENT_NOT_FOUND"),
        ((ADMIN, "admin"), {"student_id": 99}, "STUDENT_NOT_FOUND"),
    ],
)
async def test_others_are_refused(
    channel: aio.Channel, method: str, caller: tuple[int, str], asked: dict[str, int], reason: str
) -> None:
    code = StatusCode.PERMISSION_DENIED if reason == "NOT_YOUR_REPORT" else StatusCode.NOT_FOUND
    assert await refusal(Client(channel, *caller).report(method, **asked)) == (code, reason)


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (LIST, {"tutor_id": 0}),
        (LIST, {"student_id": -1}),
        (LIST, {"date_from": "2026-03-02", "date_to": "2026-03-01"}),
        (LIST, {"page_size": 201}),
        (LIST, {"page_token": "x"}),
        (EXPORT, {"separator": "|"}),
    ],
)
async def test_an_invalid_request_is_refused(admin: Client, method: str, fields: dict[str, Any]) -> None:
    assert await refusal(admin.report(method, **fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")

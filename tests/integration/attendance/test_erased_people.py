"""After a student was erased, reports say the same, others see their lessons, and nothing is judged anew."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from attendance_service.store.erasure import erase
from servicekit.database.engine import Database
from servicekit.identifiers import UserId
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import CLASSMATE, STUDENT, Platform

#: With their parameters. They count lessons and marks.
REPORTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ListTutorAttendanceRates", {}),
    ("ListAttendanceTrend", {}),
    ("ListLessonOutcomes", {"group_by": "day"}),
    ("ListLessonOutcomes", {"group_by": "tutor"}),
    ("GetSuggestionAccuracy", {}),
)


def erase_student(url: str) -> None:
    database = Database(url, role="attendance_erasure", application="test", pool_size=1)
    with database.transaction() as connection:
        erase(connection, UserId(STUDENT))
    database.dispose()


def delete_from_platform(platform: Platform) -> None:
    """Do what the platform does afterwards."""
    platform.run("UPDATE enrolled_courses SET students_id = array_remove(students_id, 21)")
    platform.run("UPDATE whiteboard_sessions SET student_id = array_remove(student_id, %s)", STUDENT)
    platform.run("DELETE FROM student_profiles WHERE user_id = %s", STUDENT)


@pytest.fixture
def lessons(lesson: int, class_: int, platform: Platform) -> tuple[int, int]:
    """Return a lesson of the student alone, and one of a class; all other lessons would not be settled."""
    platform.run("DELETE FROM sessions WHERE id <> ALL (%s)", [lesson, class_])
    platform.run("UPDATE sessions SET status = 'completed'")
    return lesson, class_


async def mark_all(tutor: Client, app: AttendanceApp, lessons: tuple[int, int]) -> None:
    await app.settling.settle_all()
    for lesson in lessons:
        await tutor.mark(lesson, use_suggestion=True, attendance_notes="The student was late")


async def test_reports_say_the_same(
    *,
    app: AttendanceApp,
    admin: Client,
    tutor: Client,
    lessons: tuple[int, int],
    platform: Platform,
    database: str,
) -> None:
    async def reports() -> list[str]:
        return [str(await admin.report(method, **fields)) for method, fields in REPORTS]

    await mark_all(tutor, app, lessons)
    before = await reports()
    erase_student(database)
    after = await reports()
    delete_from_platform(platform)
    await app.settling.settle_all()
    assert (after, await reports()) == (before, before)


async def test_the_suggestion_is_the_one_that_was_settled(
    app: AttendanceApp, tutor: Client, lessons: tuple[int, int], platform: Platform, database: str
) -> None:
    await mark_all(tutor, app, lessons)
    alone, class_ = [await tutor.suggestion(lesson) for lesson in lessons]
    erase_student(database)
    delete_from_platform(platform)
    alone_after, class_after = [await tutor.suggestion(lesson) for lesson in lessons]
    assert (alone_after.student_status_suggestion, class_after.student_status_suggestion) == (
        alone.student_status_suggestion,
        class_.student_status_suggestion,
    )
    assert [student.status_suggestion for student in class_after.students] == [
        student.status_suggestion for student in class_.students
    ]
    assert "facts_deleted" in class_after.tutor_reasons


async def test_nothing_is_judged_anew(
    app: AttendanceApp, tutor: Client, lessons: tuple[int, int], platform: Platform, database: str
) -> None:
    settled = "SELECT session_id, judged_at, student_status, etag FROM settled_sessions ORDER BY 1"
    await mark_all(tutor, app, lessons)
    erase_student(database)
    before = platform.rows(settled)
    platform.run("UPDATE sessions SET whiteboard_id = NULL")
    for lesson in lessons:
        await tutor.suggestion(lesson)
    await app.settling.settle_all()
    assert platform.rows(settled) == before


async def test_others_see_their_lessons(
    *,
    app: AttendanceApp,
    channel: aio.Channel,
    tutor: Client,
    lessons: tuple[int, int],
    platform: Platform,
    database: str,
) -> None:
    _, class_ = lessons
    classmate = Client(channel, CLASSMATE, "student")
    await mark_all(tutor, app, lessons)
    erase_student(database)
    delete_from_platform(platform)
    assert {student.user_id for student in (await tutor.session(class_)).students} == {202, 203}
    assert (await classmate.session(class_)).students[0].attendance_status == "present"
    assert len((await tutor.history(class_)).decisions) == 1
    assert set(await tutor.session_ids()) == set(lessons)


async def test_of_the_student_there_is_no_report(
    *, app: AttendanceApp, tutor: Client, student: Client, lessons: tuple[int, int], platform: Platform, database: str
) -> None:
    await mark_all(tutor, app, lessons)
    erase_student(database)
    assert await student.session_ids() == []
    assert platform.rows("SELECT attendance_notes FROM sessions") == [(None,), (None,)]


async def test_a_lesson_to_come_with_the_same_account_is_a_new_one(
    *, app: AttendanceApp, tutor: Client, student: Client, lessons: tuple[int, int], platform: Platform, database: str
) -> None:
    """No list of erased people is kept, so nobody is recognized by it."""
    await mark_all(tutor, app, lessons)
    erase_student(database)
    new, _ = platform.add_lesson(session_date="2026-04-02")
    assert await student.session_ids() == [new]
    assert (await tutor.mark(new, student_attendance_status=pb.present)).success

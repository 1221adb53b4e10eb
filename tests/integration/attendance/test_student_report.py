from __future__ import annotations

from typing import Any

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit import guide_reports
from testkit.grpc_errors import details, reason, refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
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

GET, EXPORT = "GetStudentAttendanceReport", "ExportStudentAttendanceReport"
#: student_profiles.id
PROFILE, OTHER_PROFILE = 21, 23


@pytest.fixture
def student_of_both(both_services: aio.Channel) -> Client:
    """The student, who calls an attendance service with a real tracking service."""
    return Client(both_services, STUDENT, "student")


async def rows(client: Client, **fields: Any) -> list[pb.StudentAttendanceRow]:  # noqa: ANN401
    return list((await client.report(GET, student_id=PROFILE, **fields)).sessions)


async def test_the_report_equals_the_guide_s_query(student_of_both: Client, platform: Platform) -> None:
    platform.run("UPDATE student_profiles SET id = 28 WHERE id = 21")
    platform.run("UPDATE enrolled_courses SET students_id = '{28}' WHERE id = 1")
    marked = {"attendance_source": "manual", "student_attendance_status": "late", "attendance_notes": "Bus"}
    for day, seconds in (("2026-03-01", 1234), ("2026-03-02", 0), ("2026-03-03", 3600)):
        whiteboard = platform.add_whiteboard(student_total_active_seconds=seconds)
        platform.add_session(session_date=day, whiteboard_id=whiteboard, **marked)
    platform.add_session(session_date="2026-02-01", attendance_source="parent_reported")
    platform.add_session(status="missed", **marked)
    found = [
        (row.session_date, row.start_time, row.student_attendance_status, row.attendance_source,
         row.attendance_notes or None, row.active_minutes if row.HasField("active_minutes") else None)
        for row in (await student_of_both.report(GET, student_id=28)).sessions
    ]  # fmt: skip
    expected = [
        (day.isoformat(), start.isoformat(), status, source, notes, None if minutes is None else float(minutes))
        for day, start, status, source, notes, minutes in platform.rows(guide_reports.STUDENT_ATTENDANCE)
    ]
    assert len(expected) == 4
    assert found == expected


async def test_the_report_names_course_and_tutor(student: Client, platform: Platform) -> None:
    platform.add_session()
    platform.add_session(session_date="2026-03-01", enrolled_courses_id=CLASS)
    assert [(row.course_name, row.tutor_name, row.end_time) for row in await rows(student)] == [
        ("Mathematics, Physics", "Abebe Kebede", "11:00:00"),
        ("Exam package", "Abebe Kebede", "11:00:00"),
    ]


async def test_an_unmarked_student_has_no_status(student: Client, platform: Platform) -> None:
    platform.add_session()
    [row] = await rows(student)
    assert not row.HasField("student_attendance_status")
    assert row.attendance_source == "system_default"


async def test_a_decision_about_the_tutor_does_not_mark_the_student(
    student: Client, tutor: Client, platform: Platform
) -> None:
    await tutor.mark(platform.add_session(), tutor_attendance_status=pb.present)
    [row] = await rows(student)
    assert (row.student_attendance_status, row.attendance_source) == ("", "system_default")


async def test_a_session_without_a_whiteboard_has_no_minutes(student: Client, platform: Platform) -> None:
    platform.add_session()
    [row] = await rows(student)
    assert not row.HasField("active_minutes")


async def test_a_student_who_never_came_has_zero_minutes(student_of_both: Client, platform: Platform) -> None:
    platform.add_lesson()
    [row] = await rows(student_of_both)
    assert row.HasField("active_minutes")
    assert row.active_minutes == 0


async def test_minutes_beyond_the_lesson_do_not_count(student_of_both: Client, platform: Platform) -> None:
    """The documented column has all of them: the guide's query differs here."""
    whiteboard = platform.add_whiteboard(student_total_active_seconds=180 * 60)
    platform.add_session(whiteboard_id=whiteboard)
    platform.add_presence(whiteboard, STUDENT, "07:00", "08:00")
    platform.add_presence(whiteboard, STUDENT, "08:40", "10:40")
    [row] = await rows(student_of_both)
    assert row.active_minutes == 60


@pytest.mark.parametrize("members", [[STUDENT], [CLASSMATE, STUDENT]], ids=["alone", "class"])
async def test_two_lessons_at_one_whiteboard_have_minutes_of_their_own(
    student_of_both: Client, platform: Platform, members: list[int]
) -> None:
    whiteboard = platform.add_whiteboard(student_id=members, student_total_active_seconds=3600)
    for start, end in (("10:00", "11:00"), ("13:00", "14:00"), ("10:30", "11:30")):
        platform.add_session(whiteboard_id=whiteboard, start_time=start, end_time=end)
    platform.add_presence(whiteboard, STUDENT, "07:00", "08:00")
    minutes = {row.start_time: row.active_minutes for row in await rows(student_of_both)}
    assert minutes == {"10:00:00": 60, "13:00:00": 0, "10:30:00": 30}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [({"scheduled_start": "2026-03-02 07:00Z", "scheduled_end": "2026-03-02 07:30Z"}, 20), ({}, 40)],
    ids=["whiteboard's own", "none at all"],
)
async def test_a_session_without_times_has_those_of_its_whiteboard(
    student_of_both: Client, platform: Platform, schedule: dict[str, str], expected: int
) -> None:
    whiteboard = platform.add_whiteboard(student_total_active_seconds=2400, **schedule)
    platform.add_session(whiteboard_id=whiteboard, start_time="10:00", end_time="10:00")
    platform.add_presence(whiteboard, STUDENT, "07:10", "07:50")
    [row] = await rows(student_of_both)
    assert row.active_minutes == expected


async def test_in_a_class_the_minutes_are_the_student_s_own(student_of_both: Client, platform: Platform) -> None:
    whiteboard = platform.add_whiteboard(student_id=[CLASSMATE, STUDENT], student_total_active_seconds=3600)
    platform.add_session(enrolled_courses_id=CLASS, whiteboard_id=whiteboard)
    platform.add_presence(whiteboard, CLASSMATE, "07:00", "08:00")
    platform.add_presence(whiteboard, STUDENT, "07:00", "07:10")
    platform.add_presence(whiteboard, STUDENT, "07:30", "07:45")
    [row] = await rows(student_of_both)
    assert row.active_minutes == 25


async def test_the_same_presence_counts_the_same_alone_and_in_a_class(
    student_of_both: Client, platform: Platform
) -> None:
    for members in ([STUDENT], [CLASSMATE, STUDENT]):
        whiteboard = platform.add_whiteboard(student_id=members, student_total_active_seconds=601)
        platform.add_session(whiteboard_id=whiteboard)
        platform.add_presence(whiteboard, STUDENT, "07:00:00.25", "07:10:00.5")
        platform.add_presence(whiteboard, STUDENT, "07:30:00.1", "07:30:00.95")
    minutes = [row.active_minutes for row in await rows(student_of_both)]
    assert minutes == [601 / 60] * 2


async def test_in_a_class_the_record_is_the_student_s_own(
    student: Client, tutor: Client, admin: Client, platform: Platform
) -> None:
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    await tutor.mark(
        session_id,
        attendance_notes="Fractions",
        students=[
            pb.StudentMark(user_id=STUDENT, status=pb.absent, note="Wrote", excused=True, excuse_reason="Fever"),
            pb.StudentMark(user_id=CLASSMATE, status=pb.present),
        ],
    )
    [row] = await rows(student)
    assert (row.student_attendance_status, row.attendance_source, row.excused) == ("absent", "manual", True)
    assert (row.excuse_reason, row.note, row.attendance_notes) == ("Fever", "Wrote", "Fractions")
    [of_classmate] = (await admin.report(GET, student_id=22)).sessions
    assert (of_classmate.student_attendance_status, of_classmate.excused) == ("present", False)
    assert not of_classmate.HasField("note")
    [line] = await student.exported(EXPORT, student_id=PROFILE)
    assert (line["excused"], line["excuse_reason"], line["note"]) == ("true", "Fever", "Wrote")


async def test_a_classmate_s_mark_marks_nobody_else(student: Client, tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    await tutor.mark(session_id, students=[pb.StudentMark(user_id=CLASSMATE, status=pb.present)])
    [row] = await rows(student)
    assert (row.student_attendance_status, row.attendance_source) == ("", "system_default")


async def test_an_excuse_ends_with_the_absence(student: Client, tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session()
    absent = pb.StudentMark(user_id=STUDENT, status=pb.absent, excused=True, excuse_reason="Fever")
    await tutor.mark(session_id, students=[absent])
    assert [row.excused for row in await rows(student)] == [True]
    await tutor.mark(session_id, student_attendance_status=pb.late)
    [row] = await rows(student)
    assert (row.student_attendance_status, row.excused, row.excuse_reason) == ("late", False, "")


async def test_once_a_session_is_settled_its_students_and_its_tutor_stay(
    app: AttendanceApp, student: Client, tutor: Client, platform: Platform, channel: aio.Channel
) -> None:
    session_id = platform.add_session()
    await app.settling.settle_all()
    platform.run("UPDATE enrolled_courses SET tutor_id = 12, students_id = '{23}' WHERE id = 1")
    for client in (student, tutor):
        assert [row.session_id for row in await rows(client)] == [session_id]
    admin = Client(channel, ADMIN, "admin")
    assert (await admin.report(GET, student_id=OTHER_PROFILE)).sessions == []
    successor = Client(channel, OTHER_TUTOR, "tutor")
    assert (await successor.report(GET, student_id=OTHER_PROFILE)).sessions == []
    assert [it.student_id for it in (await tutor.students()).students] == [22, 21]


async def test_a_tutor_sees_only_the_sessions_that_they_taught(
    channel: aio.Channel, tutor: Client, platform: Platform
) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = '{21}' WHERE id = %s", OTHERS)
    own, theirs = platform.add_session(), platform.add_session(enrolled_courses_id=OTHERS)
    assert [row.session_id for row in await rows(tutor)] == [own]
    assert [row.session_id for row in await rows(Client(channel, OTHER_TUTOR, "tutor"))] == [theirs]


@pytest.mark.parametrize(("user", "role"), [(STUDENT, "student"), (PARENT, "parent"), (ADMIN, "admin")])
async def test_the_student_their_parents_and_admins_see_all_sessions(
    channel: aio.Channel, platform: Platform, user: int, role: str
) -> None:
    for enrolment in (LESSONS, CLASS):
        platform.add_session(enrolled_courses_id=enrolment)
    assert len(await rows(Client(channel, user, role))) == 2


async def test_a_parent_is_also_known_by_their_own_list_of_children(parent: Client, platform: Platform) -> None:
    platform.add_session(enrolled_courses_id=CLASS)
    assert len((await parent.report(GET, student_id=22)).sessions) == 1


@pytest.mark.parametrize("method", [GET, EXPORT])
@pytest.mark.parametrize(
    ("user", "role"),
    [
        (OTHER_STUDENT, "student"),
        (CLASSMATE, "student"),
        (OTHER_PARENT, "parent"),
        (OTHER_TUTOR, "tutor"),
        (STUDENT, "parent"),
        (TUTOR, "student"),
    ],
)
async def test_to_other_callers_the_student_does_not_exist(
    channel: aio.Channel, platform: Platform, method: str, user: int, role: str
) -> None:
    platform.add_session()
    refused = await refusal(Client(channel, user, role).report(method, student_id=PROFILE))
    assert refused == (StatusCode.NOT_FOUND, "STUDENT_NOT_FOUND")


async def test_an_unknown_student_is_not_found(admin: Client) -> None:
    assert await refusal(admin.report(GET, student_id=4711)) == (StatusCode.NOT_FOUND, "STUDENT_NOT_FOUND")


@pytest.mark.parametrize("method", [GET, EXPORT])
@pytest.mark.parametrize("fields", [{"student_id": 0}, {"student_id": PROFILE, "date_from": "yesterday"}])
async def test_an_invalid_request_is_refused(admin: Client, method: str, fields: dict[str, Any]) -> None:
    assert await refusal(admin.report(method, **fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_pages_follow_each_other_newest_first_without_gap_or_repetition(
    student: Client, platform: Platform
) -> None:
    for day in ("2026-02-01", "2026-02-01", None, "2026-02-03", None, "2026-02-02", "2026-02-02"):
        platform.add_session(session_date=day)
    pages = await student.pages(GET, student_id=PROFILE, page_size=2)
    assert [row.session_id for page in pages for row in page.sessions] == await student.session_ids()


async def test_a_page_token_is_refused_for_another_student(admin: Client, platform: Platform) -> None:
    for _ in range(2):
        platform.add_session()
    token = (await admin.report(GET, student_id=PROFILE, page_size=1)).next_page_token
    refused = await refusal(admin.report(GET, student_id=OTHER_PROFILE, page_token=token))
    assert refused == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_only_sessions_of_the_days_count_both_ends_included(student: Client, platform: Platform) -> None:
    for day in ("2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"):
        platform.add_session(session_date=day)
    found = await rows(student, date_from="2026-02-02", date_to="2026-02-03")
    assert [row.session_date for row in found] == ["2026-02-03", "2026-02-02"]


async def test_the_csv_has_more_sessions_than_one_batch_of_the_tracking_service(
    student_of_both: Client, platform: Platform
) -> None:
    platform.run(
        """WITH whiteboards AS (
               INSERT INTO whiteboard_sessions (tutor_id, student_id, student_total_active_seconds)
               SELECT %s, ARRAY[%s], 60 FROM generate_series(1, 501) RETURNING id)
           INSERT INTO sessions (enrolled_courses_id, whiteboard_id, session_date, status)
           SELECT %s, id, '2026-03-02', 'completed' FROM whiteboards""",
        *(TUTOR, STUDENT, LESSONS),
    )
    lines = await student_of_both.exported(EXPORT, student_id=PROFILE)
    assert [line["active_minutes"] for line in lines] == ["1.0"] * 501


async def test_notes_in_the_csv_are_not_formulas(student: Client, platform: Platform) -> None:
    session_id = platform.add_session(attendance_source="manual", attendance_notes='@SUM(1)\nsaid "so"')
    assert await student.exported(EXPORT, student_id=PROFILE) == [
        {
            "session_id": str(session_id),
            "session_date": "2026-03-02",
            "start_time": "10:00:00",
            "student_attendance_status": "present",
            "attendance_source": "manual",
            "attendance_notes": '\'@SUM(1)\nsaid "so"',
            "active_minutes": "",
            "excused": "false",
            "excuse_reason": "",
            "note": "",
            "course_name": "Mathematics, Physics",
            "tutor_name": "Abebe Kebede",
            "end_time": "11:00:00",
        }
    ]


@pytest.mark.parametrize("method", [GET, EXPORT])
async def test_while_tracking_is_unavailable_the_error_says_when_to_retry(own_service: OwnService, method: str) -> None:
    own_service.platform.add_lesson()
    await own_service.tracking_server.stop()
    with pytest.raises(aio.AioRpcError) as refused:
        await own_service.client(STUDENT, "student").report(method, student_id=PROFILE)
    assert (refused.value.code(), reason(refused.value)) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")
    assert details(refused.value, error_details_pb2.RetryInfo)


async def test_a_row_names_the_course_and_the_tutor_of_the_lesson(
    app: AttendanceApp, student: Client, platform: Platform
) -> None:
    platform.add_session()
    platform.add_session(enrolled_courses_id=CLASS, session_date="2026-03-03")
    await app.settling.settle_all()
    # Once settled, a lesson stays with who gave it.
    platform.run("UPDATE enrolled_courses SET tutor_id = 12 WHERE id = 1")
    rows = (await student.report(GET, student_id=PROFILE)).sessions
    assert [(row.course_name, row.tutor_name, row.end_time) for row in rows] == [
        ("Exam package", "Abebe Kebede", "11:00:00"),
        ("Mathematics, Physics", "Abebe Kebede", "11:00:00"),
    ]

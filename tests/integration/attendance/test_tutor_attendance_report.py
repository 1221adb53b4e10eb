from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit import guide_reports
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import LESSONS, OTHER_TUTOR, OTHERS, PARENT, STUDENT, Platform

LIST, EXPORT = "ListTutorAttendanceRates", "ExportTutorAttendanceRates"
#: "Abebe Kebede" in Amharic.
AMHARIC = "\u12a0\u1260\u1260 \u12a8\u1260\u12f0"


def add_marked(platform: Platform, *statuses: str, enrolment: int = LESSONS, **columns: Any) -> None:  # noqa: ANN401
    for status in statuses:
        platform.add_session(
            enrolled_courses_id=enrolment, tutor_attendance_status=status, attendance_source="manual", **columns
        )


#: First name and father's name, and tutor_profiles.id, by username.
PEOPLE = {"abebe": ("Abebe Kebede", 11), "other": ("Other Tutor", 12)}


async def names(client: Client, **fields: Any) -> list[str]:  # noqa: ANN401
    return [tutor.tutor_username for tutor in (await client.report(LIST, **fields)).tutors]


async def test_the_report_equals_the_guide_s_query_if_everything_is_marked(admin: Client, platform: Platform) -> None:
    add_marked(platform, "present", "present", "late", "absent", "present", "present", "late")
    add_marked(platform, "present", "present", "absent", enrolment=OTHERS)
    platform.add_session(status="scheduled")
    expected = [
        pb.TutorAttendanceRate(
            tutor_username=username,
            tutor_name=PEOPLE[username][0],
            tutor_id=PEOPLE[username][1],
            total_sessions=total,
            present=present,
            late=late,
            absent=absent,
            attendance_rate=rate,
        )
        for username, total, present, late, absent, rate in platform.rows(guide_reports.TUTOR_ATTENDANCE)
    ]
    assert [tutor.tutor_username for tutor in expected] == ["other", "abebe"]
    assert list((await admin.report(LIST)).tutors) == expected


@pytest.mark.parametrize("source", ["system_default", None])
async def test_unmarked_sessions_count_separately_and_not_as_present(
    admin: Client, platform: Platform, source: str | None
) -> None:
    add_marked(platform, "present", "late")
    platform.add_session(tutor_attendance_status="present", attendance_source=source)
    [tutor] = (await admin.report(LIST)).tutors
    assert (tutor.total_sessions, tutor.present, tutor.unmarked, tutor.attendance_rate) == (3, 1, 1, 50.0)


async def test_a_parent_s_report_about_the_student_does_not_mark_the_tutor(
    admin: Client, parent: Client, platform: Platform
) -> None:
    await parent.mark(platform.add_session(), student_attendance_status=pb.absent)
    [tutor] = (await admin.report(LIST)).tutors
    assert (tutor.total_sessions, tutor.present, tutor.unmarked) == (1, 0, 1)


async def test_excused_absences_are_counted_apart_and_stay_absences(admin: Client, platform: Platform) -> None:
    sessions = [platform.add_session() for _ in range(3)]
    for session_id in sessions:
        await admin.mark(session_id, tutor_attendance_status=pb.absent, tutor_excused=session_id != sessions[0])
    await admin.mark(sessions[2], tutor_attendance_status=pb.present)
    [tutor] = (await admin.report(LIST)).tutors
    assert (tutor.absent, tutor.excused, tutor.present) == (2, 1, 1)


async def test_once_settled_a_session_counts_for_the_tutor_who_had_the_course_then(
    app: AttendanceApp, admin: Client, platform: Platform
) -> None:
    platform.add_session()
    await app.settling.settle_all()
    later = platform.add_session(session_date="2026-03-09")
    platform.run("UPDATE enrolled_courses SET tutor_id = 12 WHERE id = 1")
    assert sorted((row.tutor_username, row.total_sessions) for row in (await admin.report(LIST)).tutors) == [
        ("abebe", 1),
        ("other", 1),
    ]
    await app.settling.settle_all()
    platform.run("UPDATE sessions SET session_date = '2026-03-10' WHERE id <> %s", later)
    assert [(row.tutor_username, row.total_sessions) for row in (await admin.report(LIST)).tutors] == [("other", 2)]


async def test_a_tutor_whose_user_has_no_name_is_named_by_the_username(admin: Client, platform: Platform) -> None:
    platform.run("UPDATE users SET first_name = ' ', father_name = NULL WHERE id = 101")
    add_marked(platform, "present")
    [tutor] = (await admin.report(LIST)).tutors
    assert tutor.tutor_name == "abebe"


async def test_without_a_marked_session_there_is_no_rate(admin: Client, platform: Platform) -> None:
    platform.add_session()
    [tutor] = (await admin.report(LIST)).tutors
    assert not tutor.HasField("attendance_rate")


async def test_an_old_word_counts_as_marked_and_as_none_of_the_three(admin: Client, platform: Platform) -> None:
    add_marked(platform, "present", "attended")
    [tutor] = (await admin.report(LIST)).tutors
    assert (tutor.total_sessions, tutor.present, tutor.unmarked, tutor.attendance_rate) == (2, 1, 0, 50.0)


async def test_a_tutor_sees_their_own_row(tutor: Client, platform: Platform) -> None:
    add_marked(platform, "present")
    add_marked(platform, "present", enrolment=OTHERS)
    assert await names(tutor) == ["abebe"]


async def test_a_tutor_without_a_completed_session_sees_no_row(channel: aio.Channel, platform: Platform) -> None:
    add_marked(platform, "present")
    assert await names(Client(channel, OTHER_TUTOR, "tutor")) == []


@pytest.mark.parametrize(("user", "role"), [(STUDENT, "student"), (PARENT, "parent")])
@pytest.mark.parametrize("method", [LIST, EXPORT])
async def test_students_and_parents_may_not_read_the_report(
    channel: aio.Channel, user: int, role: str, method: str
) -> None:
    refused = await refusal(Client(channel, user, role).report(method))
    assert refused == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_REPORT")


async def test_only_sessions_of_the_days_count_both_ends_included(tutor: Client, platform: Platform) -> None:
    for day in ("2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"):
        add_marked(platform, "present", session_date=day)
    [row] = (await tutor.report(LIST, date_from="2026-02-02", date_to="2026-02-03")).tutors
    assert row.total_sessions == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"date_from": "02.03.2026"},
        {"date_to": "2026-02-30"},
        {"date_from": "2026-03-02", "date_to": "2026-03-01"},
        {"page_size": 201},
        {"page_token": "x"},
    ],
)
async def test_an_invalid_request_is_refused(tutor: Client, fields: dict[str, Any]) -> None:
    assert await refusal(tutor.report(LIST, **fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


@pytest.fixture
def five_tutors(platform: Platform) -> list[str]:
    """Ranked by rate: two equal ones, and two without a rate. Their profiles are numbered in another order."""
    for number, status in enumerate(["late", "present", None, "present", None], start=60):
        platform.run("INSERT INTO tutor_profiles (id, user_id, username) VALUES (%s, 101, %s)", number, f"t{number}")
        platform.run("INSERT INTO enrolled_courses (id, tutor_id) VALUES (%s, %s)", number, number)
        if status is None:
            platform.add_session(enrolled_courses_id=number)
        else:
            add_marked(platform, status, enrolment=number)
    return ["t61", "t63", "t60", "t62", "t64"]


@pytest.mark.parametrize(
    ("size", "pages"),
    [
        (1, [["t60"], ["t61"], ["t62"], ["t63"], ["t64"]]),
        (2, [["t61", "t60"], ["t63", "t62"], ["t64"]]),
        (4, [["t61", "t63", "t60", "t62"], ["t64"]]),
    ],
)
@pytest.mark.usefixtures("five_tutors")
async def test_pages_follow_the_ids_of_profiles_and_each_page_is_ranked(
    admin: Client, size: int, pages: list[list[str]]
) -> None:
    listed = await admin.pages(LIST, page_size=size)
    assert [[tutor.tutor_username for tutor in page.tutors] for page in listed] == pages


async def test_a_page_skips_tutors_without_a_completed_session_in_its_days(
    admin: Client, platform: Platform, five_tutors: list[str]
) -> None:
    platform.run("UPDATE sessions SET session_date = '2026-02-01' WHERE enrolled_courses_id IN (60, 62)")
    platform.run("UPDATE sessions SET status = 'missed' WHERE enrolled_courses_id = 61")
    page = await admin.report(LIST, page_size=1, date_from="2026-03-01")
    assert [tutor.tutor_username for tutor in page.tutors] == [five_tutors[1]]


async def test_a_page_with_all_tutors_is_ranked_and_has_no_next_page(admin: Client, five_tutors: list[str]) -> None:
    page = await admin.report(LIST, page_size=len(five_tutors))
    assert [tutor.tutor_username for tutor in page.tutors] == five_tutors
    assert page.next_page_token == ""


@pytest.mark.usefixtures("five_tutors")
async def test_a_page_token_is_refused_for_another_report(admin: Client) -> None:
    token = (await admin.report(LIST, page_size=1)).next_page_token
    refused = await refusal(admin.report("ListWhiteboardEngagement", page_token=token))
    assert refused == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_the_csv_has_all_tutors_in_the_same_order(admin: Client, five_tutors: list[str]) -> None:
    assert [line["tutor_username"] for line in await admin.exported(EXPORT)] == five_tutors


async def test_the_csv_has_all_tutors_of_several_pages(admin: Client, platform: Platform) -> None:
    platform.run(
        """
        INSERT INTO tutor_profiles (id, user_id, username) SELECT n, 101, n FROM generate_series(1001, 1401) AS n;
        INSERT INTO enrolled_courses (id, tutor_id) SELECT n, n FROM generate_series(1001, 1401) AS n;
        INSERT INTO sessions (enrolled_courses_id, session_date, status)
        SELECT n, '2026-03-02', 'completed' FROM generate_series(1001, 1401) AS n;
        """
    )
    shown = [line["tutor_username"] for line in await admin.exported(EXPORT)]
    assert shown == [str(number) for number in range(1001, 1402)]


async def test_the_csv_has_the_same_values_as_the_list(admin: Client, platform: Platform) -> None:
    add_marked(platform, "present", "present", "late")
    platform.add_session()
    assert await admin.exported(EXPORT) == [
        {
            "tutor_name": "Abebe Kebede",
            "total_sessions": "4",
            "present": "2",
            "late": "1",
            "absent": "0",
            "unmarked": "1",
            "attendance_rate": "66.67",
            "excused": "0",
            "tutor_id": "11",
            "tutor_username": "abebe",
        }
    ]


@pytest.mark.parametrize("separator", [",", ";"])
async def test_an_amharic_name_is_the_same_in_the_csv(admin: Client, platform: Platform, separator: str) -> None:
    platform.run("UPDATE users SET first_name = %s, father_name = NULL WHERE id = 101", AMHARIC)
    add_marked(platform, "present")
    [line] = await admin.exported(EXPORT, separator=separator)
    assert (line["tutor_name"], line["present"]) == (AMHARIC, "1")


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (EXPORT, {}),
        ("ExportStudentAttendanceReport", {"student_id": 21}),
        ("ExportWhiteboardEngagement", {}),
        ("ExportSuggestionAccuracy", {}),
    ],
)
async def test_an_unknown_separator_is_refused(admin: Client, method: str, fields: dict[str, Any]) -> None:
    refused = await refusal(admin.report(method, separator="|", **fields))
    assert refused == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_a_name_in_the_csv_is_not_a_formula(admin: Client, platform: Platform) -> None:
    platform.run("UPDATE users SET first_name = '=HYPERLINK(\"http://x\")', father_name = NULL WHERE id = 101")
    add_marked(platform, "present")
    [line] = await admin.exported(EXPORT)
    assert line["tutor_name"] == '\'=HYPERLINK("http://x")'

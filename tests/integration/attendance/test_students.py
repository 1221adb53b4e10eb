from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_TUTOR,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)

#: student_profiles.id of STUDENT, CLASSMATE and OTHER_STUDENT, by name: Dawit Haile, Other Student, Sara Tesfaye.
SARA, DAWIT, OTHER = 21, 22, 23


async def ids(client: Client, **fields: Any) -> list[int]:  # noqa: ANN401
    return [student.student_id for student in (await client.students(**fields)).students]


@pytest.mark.parametrize(
    ("user", "role", "expected"),
    [
        (ADMIN, "admin", [DAWIT, OTHER, SARA]),
        (TUTOR, "tutor", [DAWIT, SARA]),
        (OTHER_TUTOR, "tutor", [OTHER]),
        (PARENT, "parent", [DAWIT, SARA]),
        (OTHER_PARENT, "parent", [OTHER]),
        (STUDENT, "student", [SARA]),
        # Only the active role counts.
        (TUTOR, "student", []),
        (STUDENT, "parent", []),
    ],
)
async def test_callers_list_the_students_whose_reports_they_may_see(
    channel: aio.Channel, platform: Platform, user: int, role: str, expected: list[int]
) -> None:
    assert platform.rows("SELECT count(*) FROM student_profiles") == [(3,)]
    client = Client(channel, user, role)
    assert await ids(client) == expected
    for student_id in expected:
        await client.report("GetStudentAttendanceReport", student_id=student_id)


async def test_a_student_has_both_ids_and_a_name(student: Client) -> None:
    expected = pb.ListStudentsResponse(students=[pb.Student(student_id=SARA, user_id=STUDENT, name="Sara Tesfaye")])
    assert await student.students() == expected


async def test_a_profile_without_a_user_is_shown_by_its_user_name(admin: Client, platform: Platform) -> None:
    platform.run("UPDATE student_profiles SET user_id = NULL WHERE id = %s", SARA)
    found = (await admin.students(search="sara")).students
    assert list(found) == [pb.Student(student_id=SARA, name="sara")]


async def test_names_are_ordered_regardless_of_case(admin: Client, platform: Platform) -> None:
    platform.run("UPDATE users SET first_name = 'abel' WHERE id = %s", STUDENT)
    assert await ids(admin) == [SARA, DAWIT, OTHER]


async def test_all_words_must_occur_in_the_name(admin: Client) -> None:
    assert await ids(admin, search=" TESF sara") == [SARA]
    assert await ids(admin, search="a") == [DAWIT, SARA]
    assert await ids(admin, search="sara dawit") == []


@pytest.mark.parametrize("search", ["%", "_", "21", "#21"])
async def test_only_names_are_searched(admin: Client, search: str) -> None:
    assert await ids(admin, search=search) == []


async def test_pages_are_complete_also_among_students_with_the_same_name(admin: Client, platform: Platform) -> None:
    platform.run("INSERT INTO users (id, first_name) SELECT n, 'Same' FROM generate_series(401, 405) AS n")
    platform.run("INSERT INTO student_profiles (id, user_id) SELECT n, n FROM generate_series(401, 405) AS n")
    pages = await admin.pages("ListStudents", page_size=2)
    listed = [student.student_id for page in pages for student in page.students]
    assert listed == [DAWIT, OTHER, 401, 402, 403, 404, 405, SARA]


async def test_a_page_with_all_rows_has_no_next_page(tutor: Client) -> None:
    assert (await tutor.students(page_size=2)).next_page_token == ""


async def test_a_page_token_is_refused_for_another_search_and_from_other_callers(tutor: Client, admin: Client) -> None:
    token = (await tutor.students(page_size=1)).next_page_token
    for call in (
        tutor.students(page_token=token, search="a"),
        admin.students(page_token=token),
        tutor.students(page_token="x"),  # noqa: S106 - no password
    ):
        assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_a_list_that_changed_between_two_pages_fails_instead_of_ending(tutor: Client, platform: Platform) -> None:
    token = (await tutor.students(page_size=1)).next_page_token
    platform.run("UPDATE enrolled_courses SET students_id = array_remove(students_id, %s)", DAWIT)
    assert await refusal(tutor.students(page_token=token)) == (StatusCode.ABORTED, "STUDENTS_CHANGED")


@pytest.mark.parametrize("size", [-1, 201])
async def test_a_page_has_1_to_200_students(tutor: Client, size: int) -> None:
    assert await refusal(tutor.students(page_size=size)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_other_roles_may_not_list_students(channel: aio.Channel) -> None:
    refused = await refusal(Client(channel, 7, "advertiser").students())
    assert refused == (StatusCode.PERMISSION_DENIED, "ROLE_MISSING")


async def test_a_report_names_its_student(parent: Client) -> None:
    report = await parent.report("GetStudentAttendanceReport", student_id=DAWIT)
    assert (report.student_name, CLASSMATE) == ("Dawit Haile", 202)

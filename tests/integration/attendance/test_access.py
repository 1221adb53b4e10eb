from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    LESSONS,
    NAMELESS,
    OTHER_PARENT,
    OTHER_STUDENT,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)

Call = Callable[[Client, int], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "GetAttendanceSuggestion": lambda client, session_id: client.suggestion(session_id),
    "MarkAttendance": lambda client, session_id: client.mark(session_id, student_attendance_status=pb.late),
    "GetSession": lambda client, session_id: client.session(session_id),
    "ListAttendanceHistory": lambda client, session_id: client.history(session_id),
}
READS = {name: call for name, call in CALLS.items() if name != "MarkAttendance"}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("user", "role"), [(OTHER_TUTOR, "tutor"), (OTHER_STUDENT, "student"), (OTHER_PARENT, "parent")]
)
async def test_another_person_s_session_is_answered_like_one_that_does_not_exist(
    channel: aio.Channel, platform: Platform, name: str, user: int, role: str
) -> None:
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    call = CALLS[name](Client(channel, user, role), session_id)
    assert await refusal(call) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    ("user", "role"), [(TUTOR, "tutor"), (STUDENT, "student"), (PARENT, "parent"), (ADMIN, "admin")]
)
async def test_tutor_student_parent_and_admin_may_see_a_session(
    channel: aio.Channel, platform: Platform, name: str, user: int, role: str
) -> None:
    await READS[name](Client(channel, user, role), platform.add_session(enrolled_courses_id=LESSONS))


async def test_a_parent_is_also_known_by_their_own_list_of_children(channel: aio.Channel, platform: Platform) -> None:
    platform.run("UPDATE student_profiles SET parent_id = '{}'")
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    assert (await Client(channel, PARENT, "parent").session(session_id)).id == session_id


@pytest.mark.parametrize("role", ["student", "parent"])
async def test_only_the_active_role_counts(channel: aio.Channel, platform: Platform, role: str) -> None:
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    call = Client(channel, TUTOR, role).session(session_id)
    assert await refusal(call) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_a_session_without_an_enrolment_is_for_admins(tutor: Client, admin: Client, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=None)
    assert await refusal(tutor.session(session_id)) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")
    assert (await admin.session(session_id)).course_name == "Tutoring session"


@pytest.mark.parametrize("name", CALLS)
async def test_an_unknown_session_is_not_found(tutor: Client, name: str) -> None:
    assert await refusal(CALLS[name](tutor, 4711)) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("session_id", [0, -1])
async def test_an_impossible_id_is_refused(tutor: Client, name: str, session_id: int) -> None:
    assert await refusal(CALLS[name](tutor, session_id)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_a_service_may_not_see_attendance(channel: aio.Channel, platform: Platform) -> None:
    call = Client(channel, "whiteboard-server", "service").sessions()
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "NOT_A_PERSON")
    assert platform.rows("SELECT count(*) FROM attendance_decisions") == [(0,)]


async def test_other_roles_may_not_see_attendance(channel: aio.Channel) -> None:
    assert await refusal(Client(channel, 7, "advertiser").sessions()) == (
        StatusCode.PERMISSION_DENIED,
        "ROLE_MISSING",
    )


@pytest.mark.parametrize(
    ("user", "role", "enrolments"),
    [
        (TUTOR, "tutor", [NAMELESS, CLASS, LESSONS]),
        (STUDENT, "student", [CLASS, LESSONS]),
        (PARENT, "parent", [CLASS, LESSONS]),
        (OTHER_PARENT, "parent", [OTHERS]),
        (OTHER_PARENT, "tutor", []),
        (ADMIN, "admin", [None, NAMELESS, OTHERS, CLASS, LESSONS]),
    ],
)
async def test_callers_list_their_own_sessions(
    channel: aio.Channel, platform: Platform, user: int, role: str, enrolments: list[int | None]
) -> None:
    for enrolment in (LESSONS, CLASS, OTHERS, NAMELESS, None):
        platform.add_session(enrolled_courses_id=enrolment)
    ids = await Client(channel, user, role).session_ids()
    found = dict(platform.rows("SELECT id, enrolled_courses_id FROM sessions"))
    assert [found[session_id] for session_id in ids] == enrolments

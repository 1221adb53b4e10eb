"""Once a session is settled, its people stay the same, whatever becomes of the enrolment and the whiteboard."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import pytest_asyncio
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASS,
    CLASSMATE,
    LESSONS,
    OTHER_PARENT,
    OTHER_STUDENT,
    OTHER_TUTOR,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

#: What happened to the course after its lesson: it was passed on to OTHER_TUTOR, and OTHER_STUDENT took the place of
#: STUDENT.
_PASSED_ON = "UPDATE enrolled_courses SET tutor_id = 12, students_id = '{23}' WHERE id = %s"
#: NULL is no whiteboard.
_REFUSE_WHITEBOARDS = """
CREATE OR REPLACE FUNCTION whiteboard_people(whiteboard INTEGER)
RETURNS TABLE (tutor_id INTEGER, student_ids JSONB) ROWS 1 LANGUAGE plpgsql STABLE AS $$
BEGIN
    ASSERT whiteboard IS NULL;
END$$"""


@pytest_asyncio.fixture(loop_scope="module")
async def passed_on(app: AttendanceApp, platform: Platform, lesson: int) -> int:
    """Return a lesson of TUTOR and STUDENT that was settled before the course was passed on."""
    await app.settling.settle_all()
    platform.run(_PASSED_ON, LESSONS)
    platform.run("UPDATE whiteboard_sessions SET tutor_id = %s", OTHER_TUTOR)
    return lesson


async def test_the_session_shows_the_people_of_then(tutor: Client, passed_on: int) -> None:
    session = await tutor.session(passed_on)
    assert (session.tutor_name, session.student_name) == ("Abebe Kebede", "Sara Tesfaye")
    assert [student.user_id for student in session.students] == [STUDENT]
    suggestion = await tutor.suggestion(passed_on)
    assert suggestion.tutor_user_id == TUTOR
    assert [(it.user_id, it.status_suggestion) for it in suggestion.students] == [(STUDENT, pb.late)]


@pytest.mark.parametrize(("user", "role"), [(TUTOR, "tutor"), (STUDENT, "student"), (PARENT, "parent")])
async def test_those_who_took_part_keep_seeing_it(channel: aio.Channel, passed_on: int, user: int, role: str) -> None:
    client = Client(channel, user, role)
    assert await client.session_ids() == [passed_on]
    assert (await client.session(passed_on)).id == passed_on


@pytest.mark.parametrize(
    ("user", "role"), [(OTHER_TUTOR, "tutor"), (OTHER_STUDENT, "student"), (OTHER_PARENT, "parent")]
)
async def test_those_who_came_later_do_not_see_it(
    channel: aio.Channel, platform: Platform, passed_on: int, user: int, role: str
) -> None:
    later = platform.add_session(session_date="2026-03-09")
    client = Client(channel, user, role)
    assert await client.session_ids() == [later]
    for call in (client.session(passed_on), client.suggestion(passed_on), client.history(passed_on)):
        assert await refusal(call) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_only_the_tutor_of_then_decides(tutor: Client, channel: aio.Channel, passed_on: int) -> None:
    other = Client(channel, OTHER_TUTOR, "tutor")
    assert await refusal(other.mark(passed_on, student_attendance_status=pb.present)) == (
        StatusCode.NOT_FOUND,
        "SESSION_NOT_FOUND",
    )
    assert (await tutor.mark(passed_on, use_suggestion=True)).success


async def test_the_substitute_of_then_stays_the_substitute(
    app: AttendanceApp, channel: aio.Channel, platform: Platform, tracking: TrackingStandIn
) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(whiteboard_id=whiteboard)
    tracking.knows(whiteboard, tutor=(OTHER_TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    await app.settling.settle_all()
    platform.run("UPDATE whiteboard_sessions SET tutor_id = %s", TUTOR)
    substitute = Client(channel, OTHER_TUTOR, "tutor")
    assert await substitute.session_ids() == [session_id]
    assert (await substitute.mark(session_id, student_attendance_status=pb.present)).success


async def test_who_joined_a_class_later_is_neither_judged_nor_listed(
    app: AttendanceApp, tutor: Client, channel: aio.Channel, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    present = [there(0, 60)]
    tracking.knows(whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), other=(CLASSMATE, present))
    await app.settling.settle_all()
    platform.run("UPDATE enrolled_courses SET students_id = '{22,21,23}' WHERE id = %s", CLASS)
    tracking.knows(
        whiteboard,
        tutor=(TUTOR, present),
        one=(STUDENT, present),
        other=(CLASSMATE, present),
        late=(OTHER_STUDENT, []),
    )
    assert [it.user_id for it in (await tutor.suggestion(session_id)).students] == [CLASSMATE, STUDENT]
    assert [it.student_id for it in (await tutor.session(session_id)).students] == [22, 21]
    assert await Client(channel, OTHER_STUDENT, "student").session_ids() == []


async def test_who_is_taken_off_the_whiteboard_later_was_on_it(
    app: AttendanceApp, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    platform.run("UPDATE whiteboard_sessions SET student_id = %s", [STUDENT, CLASSMATE])
    present = [there(0, 60)]
    tracking.knows(whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), other=(CLASSMATE, []))
    await app.settling.settle_all()
    before = await tutor.suggestion(session_id)
    platform.run("UPDATE whiteboard_sessions SET tutor_id = %s, student_id = %s", OTHER_TUTOR, [OTHER_STUDENT])
    # Of those whom the whiteboard does not name any more, the tracking service knows only who was there.
    tracking.knows(whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), new=(OTHER_STUDENT, []))
    for participant in tracking.participants[whiteboard][:2]:
        participant.listed = False
    after = await tutor.suggestion(session_id)
    assert after.etag == before.etag
    assert [(it.status_suggestion, it.confidence) for it in after.students] == [
        (pb.absent, pb.high),
        (pb.present, pb.high),
    ]
    assert list(after.tutor_reasons) == list(before.tutor_reasons)


async def test_its_whiteboard_is_not_read_any_more_because_its_server_may_be_dead(
    app: AttendanceApp, tutor: Client, platform: Platform, lesson: int
) -> None:
    await app.settling.settle_all()
    ((reading,),) = platform.rows("SELECT pg_get_functiondef('whiteboard_people(integer)'::regprocedure)")
    platform.run(_REFUSE_WHITEBOARDS)
    try:
        assert [student.user_id for student in (await tutor.session(lesson)).students] == [STUDENT]
    finally:
        platform.run(reading)


async def test_another_whiteboard_names_other_people(
    app: AttendanceApp, tutor: Client, platform: Platform, tracking: TrackingStandIn, lesson: int
) -> None:
    await app.settling.settle_all()
    other = platform.add_whiteboard(tutor_id=OTHER_TUTOR, student_id=[OTHER_STUDENT])
    tracking.knows(other, tutor=(OTHER_TUTOR, []), student=(OTHER_STUDENT, []))
    platform.run("UPDATE sessions SET whiteboard_id = %s WHERE id = %s", other, lesson)
    suggestion = await tutor.suggestion(lesson)
    assert "not_on_whiteboard" in suggestion.student_reasons
    assert [it.user_id for it in suggestion.students] == [STUDENT]


async def test_a_session_that_was_moved_has_the_people_of_the_enrolment_again(
    platform: Platform, channel: aio.Channel, passed_on: int
) -> None:
    platform.run("UPDATE sessions SET session_date = '2099-03-02' WHERE id = %s", passed_on)
    assert await Client(channel, STUDENT, "student").session_ids() == []
    assert await Client(channel, OTHER_STUDENT, "student").session_ids() == [passed_on]
    assert (await Client(channel, OTHER_TUTOR, "tutor").session(passed_on)).tutor_name == "Other Tutor"


@pytest.mark.usefixtures("passed_on")
async def test_a_session_that_is_judged_anew_keeps_its_people(app: AttendanceApp, platform: Platform) -> None:
    platform.run("UPDATE settled_sessions SET recheck_at = now()")
    await app.settling.settle_all()
    assert platform.rows("SELECT tutor_id, tutor_user_id FROM settled_sessions") == [(11, TUTOR)]
    assert platform.rows("SELECT student_id, user_id FROM settled_students") == [(21, STUDENT)]


@pytest.mark.parametrize("rechecks", [1, 2])
async def test_people_whom_only_the_whiteboard_named_stay_the_roster(
    app: AttendanceApp, tutor: Client, platform: Platform, tracking: TrackingStandIn, rechecks: int
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=None)
    without_profile = 302
    people: Sequence[int] = (STUDENT, without_profile)
    present = [there(0, 60)]
    tracking.knows(whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), other=(without_profile, present))
    await app.settling.settle_all()
    tracking.knows(
        whiteboard, tutor=(TUTOR, present), one=(STUDENT, present), other=(without_profile, []), new=(OTHER_STUDENT, [])
    )
    for _ in range(rechecks):
        platform.run("UPDATE settled_sessions SET recheck_at = now()")
        await app.settling.settle_all()
    assert platform.rows("SELECT user_id FROM settled_students ORDER BY position") == [(it,) for it in people]
    assert [it.user_id for it in (await tutor.suggestion(session_id)).students] == list(people)

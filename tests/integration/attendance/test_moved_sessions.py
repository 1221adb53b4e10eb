"""A session that is moved after it was marked (docs/decisions.md#sessions-that-were-moved)."""

from __future__ import annotations

import pytest
from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import STATUSES, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

TOMORROW = "UPDATE sessions SET session_date = '2099-01-01', status = 'scheduled' WHERE id = %s"
#: As if the session had been marked on a day between its old time and its new one.
MARKED_ON_THE_FIFTH = "UPDATE sessions SET attendance_marked_at = '2026-03-05 12:00Z' WHERE id = %s"
ON_THE_TENTH = "UPDATE sessions SET session_date = '2026-03-10' WHERE id = %s"


@pytest.fixture
def present(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a lesson in which both were present."""
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    return session_id


async def test_a_session_that_is_moved_to_a_time_to_come_is_unmarked_again_and_says_what_it_was(
    tutor: Client, platform: Platform, present: int
) -> None:
    await tutor.mark(present, tutor_attendance_status=pb.present, student_attendance_status=pb.absent)
    platform.run(TOMORROW, present)
    [listed] = (await tutor.sessions(attendance_filter="unmarked")).sessions
    card = await tutor.session(present)
    for session in (listed, card):
        assert (session.attendance_source, session.source_before_move) == ("system_default", "manual")
        assert session.tutor_attendance_source == session.student_attendance_source == "system_default"
        assert session.student_attendance_status == "absent"
    assert not card.HasField("facts_changed_since_decision")
    assert await tutor.session_ids(attendance_filter="marked") == []
    assert await tutor.session_ids(attendance_filter="absent") == []
    assert len((await tutor.history(present)).decisions) == 1
    mark = tutor.mark(present, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "SESSION_NOT_BEGUN")


async def test_it_stays_unmarked_when_its_new_time_has_come_until_somebody_decides_again(
    tutor: Client, admin: Client, platform: Platform, present: int
) -> None:
    # Also an admin's word was about the time before.
    await admin.mark(present, tutor_attendance_status=pb.absent, student_attendance_status=pb.absent)
    platform.run(MARKED_ON_THE_FIFTH, present)
    platform.run(ON_THE_TENTH, present)
    assert (await tutor.session(present)).source_before_move == "admin_override"
    refused = await refusal(tutor.mark(present, attendance_notes="Notes alone"))
    assert refused == (StatusCode.FAILED_PRECONDITION, "NOTES_WITHOUT_DECISION")
    await tutor.mark(present, tutor_attendance_status=pb.present, student_attendance_status=pb.late)
    card = await tutor.session(present)
    assert (card.attendance_source, card.HasField("source_before_move")) == ("manual", False)
    assert platform.decisions(present, "source_before")[-1] == ("system_default",)


async def test_reports_do_not_count_what_was_marked_before_a_session_was_moved(
    tutor: Client, platform: Platform, present: int
) -> None:
    await tutor.mark(present, tutor_attendance_status=pb.present, student_attendance_status=pb.present)
    platform.run(MARKED_ON_THE_FIFTH, present)
    platform.run(ON_THE_TENTH, present)
    [rate] = (await tutor.report("ListTutorAttendanceRates")).tutors
    assert (rate.total_sessions, rate.unmarked, rate.present) == (1, 1, 0)
    [row] = (await tutor.report("GetStudentAttendanceReport", student_id=21)).sessions
    assert not row.student_attendance_status


async def test_a_session_that_is_moved_to_an_earlier_time_stays_marked(
    tutor: Client, platform: Platform, present: int
) -> None:
    await tutor.mark(present, use_suggestion=True)
    platform.run("UPDATE sessions SET session_date = '2026-02-01' WHERE id = %s", present)
    card = await tutor.session(present)
    assert (card.attendance_source, card.HasField("source_before_move")) == ("whiteboard_auto", False)


async def test_another_suggestion_at_the_new_time_is_a_change_of_facts(
    tutor: Client, platform: Platform, tracking: TrackingStandIn, present: int
) -> None:
    await tutor.mark(present, use_suggestion=True)
    assert not (await tutor.session(present)).facts_changed_since_decision
    whiteboard = platform.add_whiteboard()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    platform.run("UPDATE sessions SET whiteboard_id = %s WHERE id = %s", whiteboard, present)
    assert (await tutor.session(present)).facts_changed_since_decision


async def test_a_row_that_was_marked_at_an_unknown_time_stays_marked(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(attendance_source="manual", session_date="2099-01-01")
    assert (await tutor.session(session_id)).attendance_source == "manual"
    assert platform.stored(session_id, *STATUSES)[2] == "manual"


async def test_each_person_s_mark_counts_by_its_own_time(
    tutor: Client, parent: Client, platform: Platform, present: int
) -> None:
    await tutor.mark(present, tutor_attendance_status=pb.present, student_attendance_status=pb.present)
    platform.run("ALTER TABLE attendance_decisions DISABLE TRIGGER USER")
    platform.run("UPDATE attendance_decisions SET decided_at = '2026-03-05 12:00Z'")
    platform.run("ALTER TABLE attendance_decisions ENABLE TRIGGER USER")
    platform.run(MARKED_ON_THE_FIFTH, present)
    platform.run(ON_THE_TENTH, present)
    await parent.mark(present, student_attendance_status=pb.absent)
    card = await tutor.session(present)
    assert card.attendance_source == card.student_attendance_source == "parent_reported"
    assert card.tutor_attendance_source == "system_default"

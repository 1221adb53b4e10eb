"""Withdrawing decisions: back to "not marked", as an entry of its own."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.classes import DAWIT, OTHER, SARA, mark, student
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import CLASS, OTHER_PARENT, PARENT, STATUSES, TUTOR, Platform

MARKER = ("attendance_notes", "attendance_marked_by")
UNMARKED = ("present", "present", "system_default")


async def withdraw(client: Client, session_id: int, **fields: Any) -> pb.Session:  # noqa: ANN401
    response = await client.report("WithdrawDecision", session_id=session_id, **fields)
    session: pb.Session = response.session
    return session


async def test_a_tutor_withdraws_a_decision(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(
        lesson, tutor_attendance_status=pb.late, student_attendance_status=pb.absent, attendance_notes="Bus"
    )
    stored = await withdraw(tutor, lesson, notes="The wrong lesson")
    assert (stored.attendance_source, stored.tutor_attendance_source) == ("system_default", "system_default")
    assert platform.stored(lesson, *STATUSES, *MARKER, "attendance_marked_at") == (*UNMARKED, None, None, None)
    assert (await tutor.session(lesson)).student_attendance_source == "system_default"


async def test_the_history_shows_it_and_what_was_decided(tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Bus")
    await withdraw(tutor, lesson, notes="The wrong lesson")
    newest, oldest = (await tutor.history(lesson)).decisions
    assert (newest.source, newest.source_before, newest.decided_by) == (pb.system_default, "manual", TUTOR)
    assert (newest.tutor_withdrawn, newest.student_withdrawn) == (False, True)
    assert (newest.student_status_before, newest.notes) == ("absent", "The wrong lesson")
    assert not newest.HasField("student_status_after")
    assert (oldest.student_status_after, oldest.notes, oldest.student_withdrawn) == ("absent", "Bus", False)


async def test_what_was_withdrawn_counts_as_unmarked_and_can_be_decided_again(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    await withdraw(tutor, lesson)
    assert not (await tutor.session(lesson)).HasField("facts_changed_since_decision")
    assert await tutor.session_ids(attendance_filter="unmarked") == [lesson]
    [row] = (await tutor.report("ListTutorAttendanceRates")).tutors
    assert (row.unmarked, row.present) == (1, 0)
    await tutor.mark(lesson, student_attendance_status=pb.late)
    assert platform.stored(lesson, *STATUSES) == ("present", "late", "manual")
    assert (await tutor.session(lesson)).tutor_attendance_source == "system_default"


async def test_a_parent_withdraws_their_report_and_leaves_the_tutor_s_part(
    tutor: Client, parent: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, tutor_attendance_status=pb.late, attendance_notes="Bus")
    await parent.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Fever")
    assert platform.stored(lesson, *MARKER) == ("Bus\nParent: Fever", PARENT)
    stored = await withdraw(parent, lesson)
    assert (stored.tutor_attendance_source, stored.student_attendance_source) == ("manual", "system_default")
    assert platform.stored(lesson, *STATUSES, *MARKER) == ("late", "present", "manual", "Bus", TUTOR)


async def test_a_parent_withdraws_only_what_a_parent_reported(tutor: Client, parent: Client, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    assert await refusal(withdraw(parent, lesson)) == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_DECISION")


async def test_a_parent_withdraws_nothing_of_what_a_tutor_decided_on_a_class(
    tutor: Client, parent: Client, platform: Platform
) -> None:
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    await tutor.mark(session_id, student_attendance_status=pb.absent)
    assert await refusal(withdraw(parent, session_id)) == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_DECISION")


@pytest.mark.parametrize("mark", [{"use_suggestion": True}, {"student_attendance_status": pb.late}])
async def test_only_an_admin_withdraws_what_an_admin_decided(
    admin: Client, tutor: Client, platform: Platform, lesson: int, mark: dict[str, Any]
) -> None:
    await admin.mark(lesson, **mark)
    assert await refusal(withdraw(tutor, lesson)) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    await withdraw(admin, lesson)
    assert platform.stored(lesson, "attendance_source") == ("system_default",)
    await tutor.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Bus")
    assert platform.stored(lesson, *STATUSES) == ("present", "absent", "manual")


async def test_a_tutor_withdraws_their_own_part_beside_an_admin_s(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, tutor_attendance_status=pb.late)
    await admin.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Checked")
    await withdraw(tutor, lesson)
    assert platform.stored(lesson, *STATUSES, "attendance_notes") == ("present", "absent", "admin_override", "Checked")


async def test_a_mark_from_before_the_ledger_can_be_withdrawn(tutor: Client, platform: Platform) -> None:
    lesson = platform.add_session(
        attendance_source="manual", tutor_attendance_status="late", student_attendance_status="absent"
    )
    await withdraw(tutor, lesson)
    assert platform.stored(lesson, *STATUSES) == UNMARKED


async def test_with_nothing_marked_there_is_nothing_to_withdraw(tutor: Client, parent: Client, lesson: int) -> None:
    nothing = (StatusCode.FAILED_PRECONDITION, "NOTHING_TO_WITHDRAW")
    assert await refusal(withdraw(tutor, lesson)) == nothing
    await tutor.mark(lesson, tutor_attendance_status=pb.late)
    assert await refusal(withdraw(parent, lesson)) == nothing
    await withdraw(tutor, lesson)
    assert await refusal(withdraw(tutor, lesson)) == nothing


async def test_it_is_refused_if_the_record_is_not_the_one_that_was_shown(
    tutor: Client, admin: Client, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    etag = (await tutor.session(lesson)).attendance_etag
    await admin.mark(lesson, attendance_notes="Checked")
    call = withdraw(tutor, lesson, attendance_etag=etag)
    assert await refusal(call) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_what_was_decided_about_one_student_is_withdrawn(tutor: Client, platform: Platform, class_: int) -> None:
    await tutor.mark(
        class_,
        tutor_attendance_status=pb.present,
        students=[mark(DAWIT, pb.present), mark(SARA, pb.late, note="Bus"), mark(OTHER, pb.absent, excused=True)],
        attendance_notes="A test",
    )
    stored = await withdraw(tutor, class_, student_ids=[DAWIT, OTHER], notes="The wrong ones")
    assert [(it.student_id, it.attendance_source, it.excused) for it in stored.students] == [
        (DAWIT, "system_default", False),
        (SARA, "manual", False),
        (OTHER, "system_default", False),
    ]
    assert (stored.undecided_students, stored.tutor_attendance_source) == (2, "manual")
    assert platform.stored(class_, *STATUSES, "attendance_notes") == ("present", "late", "manual", "A test")
    [newest, _] = (await tutor.history(class_)).decisions
    assert [(it.student_id, it.withdrawn, it.status_before) for it in newest.students] == [
        (DAWIT, True, "present"),
        (OTHER, True, "absent"),
    ]
    # Later, nobody inherits the excuse.
    await tutor.mark(class_, students=[mark(OTHER, pb.absent)])
    assert not (await student(tutor, class_, OTHER)).excused


async def test_if_the_last_student_is_withdrawn_and_no_tutor_is_marked_the_session_is_unmarked(
    tutor: Client, platform: Platform, class_: int
) -> None:
    await tutor.mark(class_, students=[mark(DAWIT, pb.late), mark(SARA, pb.absent, note="Bus")], attendance_notes="x")
    await withdraw(tutor, class_, student_ids=[DAWIT])
    assert platform.stored(class_, *STATUSES, *MARKER) == ("present", "absent", "manual", "x", TUTOR)
    await withdraw(tutor, class_, student_ids=[SARA])
    assert platform.stored(class_, *STATUSES, *MARKER) == (*UNMARKED, None, None)
    assert not (await student(tutor, class_, SARA)).HasField("note")


async def test_who_decided_on_the_students_that_are_left_is_the_marker(
    tutor: Client, admin: Client, parent: Client, platform: Platform, class_: int
) -> None:
    await parent.mark(class_, students=[mark(SARA, pb.late)])
    await admin.mark(class_, students=[mark(OTHER, pb.absent)])
    await tutor.mark(class_, students=[mark(DAWIT, pb.present)])
    await withdraw(admin, class_, student_ids=[OTHER, DAWIT])
    assert platform.stored(class_, *STATUSES, *MARKER) == ("present", "late", "parent_reported", None, PARENT)


async def test_a_parent_withdraws_what_was_reported_about_their_children_alone(
    tutor: Client, parent: Client, channel: aio.Channel, platform: Platform, class_: int
) -> None:
    other = Client(channel, OTHER_PARENT, "parent")
    await other.mark(class_, student_attendance_status=pb.late, attendance_notes="Bus")
    await tutor.mark(class_, students=[mark(SARA, pb.absent, note="Did not answer"), mark(DAWIT, pb.present)])
    await parent.mark(class_, students=[mark(SARA, pb.present, note="Power cut")])
    await withdraw(parent, class_)
    # What is above the parent is left.
    sara = await student(tutor, class_, SARA)
    assert (sara.attendance_source, sara.note) == ("system_default", "Did not answer")
    assert (await student(tutor, class_, DAWIT)).attendance_source == "manual"
    assert (await student(tutor, class_, OTHER)).note == "Bus"
    for client in (parent, other):
        refused = await refusal(withdraw(client, class_, student_ids=[DAWIT if client is other else OTHER]))
        assert refused == (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")
    assert platform.stored(class_, "student_attendance_status") == ("present",)


async def test_a_tutor_withdraws_nothing_of_what_an_admin_decided_on_a_student(
    tutor: Client, admin: Client, class_: int
) -> None:
    await tutor.mark(class_, student_attendance_status=pb.present)
    await admin.mark(class_, students=[mark(SARA, pb.late)])
    call = withdraw(tutor, class_, student_ids=[SARA])
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    stored = await withdraw(tutor, class_)
    assert [(it.student_id, it.attendance_source) for it in stored.students] == [
        (DAWIT, "system_default"),
        (SARA, "admin_override"),
        (OTHER, "system_default"),
    ]


async def test_of_a_student_on_whom_nobody_decided_there_is_nothing_to_withdraw(tutor: Client, class_: int) -> None:
    await tutor.mark(class_, students=[mark(SARA, pb.late)])
    call = withdraw(tutor, class_, student_ids=[DAWIT])
    assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "NOTHING_TO_WITHDRAW")


async def test_students_withdraw_nothing(student: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    assert await refusal(withdraw(student, lesson)) == (StatusCode.PERMISSION_DENIED, "STUDENTS_DO_NOT_DECIDE")


async def test_another_tutor_s_decision_is_not_withdrawn(tutor: Client, admin: Client, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=3)
    await admin.mark(session_id, student_attendance_status=pb.absent)
    assert await refusal(withdraw(tutor, session_id)) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


@pytest.mark.parametrize(
    "fields", [{"session_id": 0}, {"session_id": 1, "notes": "x" * 2001}, {"session_id": 1, "student_ids": [0]}]
)
async def test_an_invalid_request_is_refused(tutor: Client, fields: dict[str, Any]) -> None:
    call = tutor.report("WithdrawDecision", **fields)
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")

"""Absences that are excused: the status stays `absent` (docs/decisions.md#excuses)."""

from __future__ import annotations

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.classes import DAWIT, OTHER, SARA, mark, student
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import OTHER_PARENT, STATUSES, Platform


def excuse(
    student_id: int, reason: str = "Fever", status: pb.AttendanceStatus.ValueType | None = pb.absent
) -> pb.StudentMark:
    return mark(student_id, status, excused=True, excuse_reason=reason)


async def test_a_tutor_excuses_an_absent_student(tutor: Client, platform: Platform, class_: int) -> None:
    answer = await tutor.mark(class_, students=[excuse(OTHER), mark(SARA, pb.absent)])
    excused = {it.student_id: (it.excused, it.excuse_reason) for it in answer.students}
    assert excused == {OTHER: (True, "Fever"), SARA: (False, ""), DAWIT: (False, "")}
    assert platform.stored(class_, "student_attendance_status") == ("absent",)


async def test_an_excuse_may_come_later_and_be_taken_back(tutor: Client, admin: Client, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await admin.mark(lesson, students=[excuse(SARA, status=None)])
    sara = await student(tutor, lesson, SARA)
    # Who decided on the status stays.
    assert (sara.excused, sara.excuse_reason, sara.attendance_source) == (True, "Fever", "manual")
    await tutor.mark(lesson, students=[mark(SARA, excused=False)])
    sara = await student(tutor, lesson, SARA)
    assert (sara.excused, sara.HasField("excuse_reason"), sara.attendance_status) == (False, False, "absent")


@pytest.mark.parametrize(
    "status", [{"student_attendance_status": pb.late}, {"students": [mark(SARA, pb.present)]}, {"use_suggestion": True}]
)
async def test_another_status_drops_the_excuse(tutor: Client, lesson: int, status: dict[str, object]) -> None:
    await tutor.mark(lesson, students=[excuse(SARA)])
    await tutor.mark(lesson, **status)
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    assert not (await student(tutor, lesson, SARA)).excused


async def test_a_status_that_another_program_writes_hides_the_excuse(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, students=[excuse(SARA)])
    platform.run("UPDATE sessions SET student_attendance_status = 'present' WHERE id = %s", lesson)
    assert not (await student(tutor, lesson, SARA)).excused


@pytest.mark.parametrize("status", [pb.present, pb.late, None])
async def test_nobody_is_excused_who_is_not_absent(
    tutor: Client, lesson: int, status: pb.AttendanceStatus.ValueType | None
) -> None:
    call = tutor.mark(lesson, students=[excuse(SARA, status=status)])
    assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "EXCUSE_NEEDS_ABSENCE")


async def test_a_parent_does_not_excuse_but_keeps_the_tutor_s_excuse(
    tutor: Client, parent: Client, lesson: int
) -> None:
    call = parent.mark(lesson, students=[excuse(SARA)])
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "PARENTS_DO_NOT_EXCUSE")
    await tutor.mark(lesson, students=[excuse(SARA)])
    await parent.mark(lesson, student_attendance_status=pb.absent)
    assert (await student(parent, lesson, SARA)).excuse_reason == "Fever"


async def test_a_tutor_does_not_excuse_whom_an_admin_decided_on(tutor: Client, admin: Client, lesson: int) -> None:
    await admin.mark(lesson, student_attendance_status=pb.absent)
    call = tutor.mark(lesson, students=[excuse(SARA, status=None)])
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")


async def test_an_admin_excuses_a_tutor_and_nobody_else_does(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    absent = {"tutor_attendance_status": pb.absent, "tutor_excused": True, "tutor_excuse_reason": "Strike"}
    call = tutor.mark(lesson, **absent)
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "ADMINS_EXCUSE_TUTORS")
    await admin.mark(lesson, **absent)
    card = await tutor.session(lesson)
    assert (card.tutor_excused, card.tutor_excuse_reason, card.tutor_attendance_status) == (True, "Strike", "absent")
    [decision] = (await tutor.history(lesson)).decisions
    assert (decision.tutor_excused, decision.tutor_excuse_reason) == (True, "Strike")
    await admin.mark(lesson, tutor_attendance_status=pb.present)
    assert not (await tutor.session(lesson)).tutor_excused
    await admin.mark(lesson, tutor_attendance_status=pb.absent)
    assert not (await tutor.session(lesson)).tutor_excused
    assert platform.stored(lesson, *STATUSES)[0] == "absent"


async def test_a_tutor_who_is_not_absent_is_not_excused(admin: Client, lesson: int) -> None:
    for status in ({}, {"tutor_attendance_status": pb.late}):
        call = admin.mark(lesson, tutor_excused=True, **status)
        assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "EXCUSE_NEEDS_ABSENCE")


async def test_a_reason_goes_with_an_excuse(admin: Client, lesson: int) -> None:
    call = admin.mark(lesson, tutor_attendance_status=pb.absent, tutor_excuse_reason="Strike")
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_the_history_says_who_was_excused_and_only_to_whom_it_concerns(
    tutor: Client, student: Client, channel: aio.Channel, class_: int
) -> None:
    await tutor.mark(class_, students=[excuse(OTHER), mark(SARA, pb.late)])
    [decision] = (await tutor.history(class_)).decisions
    assert [(it.student_id, it.HasField("excused"), it.excuse_reason) for it in decision.students] == [
        (SARA, False, ""),
        (OTHER, True, "Fever"),
    ]
    assert "Fever" not in str(await student.history(class_))
    assert "Fever" in str(await Client(channel, OTHER_PARENT, "parent").history(class_))

from __future__ import annotations

from dataclasses import replace

import pytest

from attendance_service.domain.attendance_record import StudentRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import MarkRequest, StudentMark
from attendance_service.domain.errors import NotOnRoster
from attendance_service.domain.parents_word import split_parents_word
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceStatus
from servicekit.identifiers import UserId
from tests.unit.attendance.lesson import CHILD, CLASSMATE, ID, NOBODY, OF_PARENT, SESSION

PARENT = Caller(user_id=UserId(301), role=CallerRole.PARENT)
LATE, PRESENT = AttendanceStatus.LATE, AttendanceStatus.PRESENT
WORD = MarkRequest(session_id=ID, student_status=LATE, notes=" The bus ")
UNDECIDED = StudentRecord(status="present")
BY_TUTOR = StudentRecord(status="absent", source="manual", decided_by_role="tutor")
BY_PARENT = StudentRecord(status="absent", source="parent_reported", decided_by_role="parent")


def lesson(record: StudentRecord) -> TutoringSession:
    """Return the lesson of a parent's only child in a class."""
    students = (replace(OF_PARENT.students[0], record=record), OF_PARENT.students[1])
    return replace(SESSION, enrolment=replace(OF_PARENT, students=students))


@pytest.mark.parametrize(
    "record",
    [
        BY_TUTOR,
        replace(BY_TUTOR, source="whiteboard_auto"),
        replace(BY_TUTOR, source="whiteboard_auto", decided_by_role="admin"),
        replace(BY_TUTOR, source="admin_override", decided_by_role="admin"),
        # From before the ledger.
        replace(BY_TUTOR, decided_by_role=None),
    ],
)
def test_about_a_child_on_whom_another_decided_it_is_a_claim(record: StudentRecord) -> None:
    request = split_parents_word(WORD, lesson(record), PARENT)
    [claim] = request.claims
    assert (claim.enrolled.student, claim.status, claim.note) == (CHILD, LATE, "The bus")
    assert request.mark is None


@pytest.mark.parametrize("record", [UNDECIDED, BY_PARENT, replace(BY_PARENT, decided_by_role=None)])
def test_about_any_other_child_it_is_the_mark_as_it_was_sent(record: StudentRecord) -> None:
    request = split_parents_word(WORD, lesson(record), PARENT)
    assert (request.claims, request.mark) == ((), WORD)


def test_of_two_children_each_has_what_was_said_about_them() -> None:
    both = tuple(
        replace(student, is_child_of_caller=True, record=record)
        for student, record in zip(NOBODY.students, (BY_TUTOR, UNDECIDED), strict=True)
    )
    session = replace(SESSION, enrolment=replace(NOBODY, students=both))
    own = StudentMark(student_id=CHILD.id, status=PRESENT, note="Was there")
    request = split_parents_word(replace(WORD, students=(own,)), session, PARENT)
    [claim] = request.claims
    assert (claim.status, claim.note) == (PRESENT, "Was there")
    assert request.mark is not None
    assert request.mark.students == (StudentMark(student_id=CLASSMATE.id, status=LATE),)
    assert (request.mark.student_status, request.mark.notes) == (None, WORD.notes)


def test_a_classmate_is_not_named() -> None:
    named = replace(WORD, students=(StudentMark(student_id=CLASSMATE.id, status=LATE),))
    with pytest.raises(NotOnRoster):
        split_parents_word(named, lesson(BY_TUTOR), PARENT)

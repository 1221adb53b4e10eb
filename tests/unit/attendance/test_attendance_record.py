"""What is recorded about the students of a class, and what it means for the class."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_service.domain.attendance_record import UNDECIDED, StudentRecord, class_status, etag_of_students
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.deciding import decide
from attendance_service.domain.decision import MarkRequest, StudentMark
from attendance_service.domain.session import EnrolledStudent, Enrolment, Schedule, Student, TutoringSession
from attendance_service.domain.vocabulary import AttendanceStatus
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId
from tests.unit.attendance.test_decision import UNMARKED

TUTOR = Caller(user_id=UserId(1), role=CallerRole.TUTOR)
ID = TutoringSessionId(1)
STATUSES = st.sampled_from(AttendanceStatus)
PRESENT, LATE, ABSENT = AttendanceStatus


def class_of(*records: StudentRecord) -> TutoringSession:
    """Return a session whose students are 1, 2 ... by their profiles and 101, 102 ... by their users."""
    students = tuple(
        EnrolledStudent(
            student=Student(id=StudentProfileId(number), user_id=UserId(100 + number), name=""),
            is_caller=False,
            is_child_of_caller=False,
            record=record,
        )
        for number, record in enumerate(records, start=1)
    )
    return TutoringSession(
        id=ID,
        schedule=Schedule(day=date(2026, 3, 2), start=time(10), end=time(11), whiteboard_id=None),
        status="completed",
        course_name="",
        tutor_name="",
        attendance=UNMARKED,
        enrolment=Enrolment(caller_is_tutor=True, students=students, student_count=len(students)),
    )


def marked(status: AttendanceStatus) -> StudentRecord:
    return StudentRecord(status=status, source="manual")


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        ([], None),
        ([ABSENT], ABSENT),
        ([ABSENT, LATE], LATE),
        ([LATE, ABSENT, PRESENT], PRESENT),
        (["Present ", ABSENT], PRESENT),
        (["no-show"], ABSENT),
        ([None], ABSENT),
    ],
)
def test_the_status_of_a_class_says_whether_somebody_was_there(
    decided: list[str | None], expected: AttendanceStatus | None
) -> None:
    assert class_status(decided) == expected


@given(st.lists(st.none() | STATUSES, min_size=2, max_size=5), st.data())
def test_one_student_s_decision_keeps_those_of_the_others(
    standing: list[AttendanceStatus | None], data: st.DataObject
) -> None:
    session = class_of(*(UNDECIDED if status is None else marked(status) for status in standing))
    chosen = data.draw(st.integers(0, len(standing) - 1))
    status = data.draw(STATUSES)
    mark = StudentMark(student_id=StudentProfileId(chosen + 1), status=status)
    decision = decide(MarkRequest(session_id=ID, students=(mark,)), session, TUTOR, None)
    assert [(it.student.id, it.status) for it in decision.students] == [(chosen + 1, status)]
    standing[chosen] = status
    assert decision.student_status == class_status([it for it in standing if it is not None])


@given(STATUSES, st.dictionaries(st.integers(1, 4), STATUSES, max_size=4))
def test_students_who_are_named_are_exceptions_from_what_is_said_about_all(
    status: AttendanceStatus, named: dict[int, AttendanceStatus]
) -> None:
    marks = tuple(StudentMark(user_id=UserId(100 + number), status=own) for number, own in named.items())
    mark = MarkRequest(session_id=ID, student_status=status, students=marks)
    decision = decide(mark, class_of(*[UNDECIDED] * 4), TUTOR, None)
    assert {it.student.id: it.status for it in decision.students} == {
        number: named.get(number, status) for number in range(1, 5)
    }


def test_the_etag_of_some_students_changes_with_each_part_of_what_is_recorded() -> None:
    base = StudentRecord(status="absent", source="manual", last_decision_id=1)
    changes = (
        {"status": "late"},
        {"source": "parent_reported"},
        {"note": "Bus"},
        {"excused": True},
        {"excuse_reason": "Fever"},
        {"last_decision_id": 2},
    )
    records = [base, *(replace(base, **change) for change in changes)]
    assert len({etag_of_students([record]) for record in records}) == len(records)

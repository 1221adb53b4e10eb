"""A lesson of two students, as each of its people sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from attendance_service.domain.attendance_record import AttendanceRecord
from attendance_service.domain.session import EnrolledStudent, Enrolment, Schedule, Student, TutoringSession
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId

ADDIS = ZoneInfo("Africa/Addis_Ababa")
BEGINS_AT = datetime(2026, 3, 2, 10, tzinfo=ADDIS)
ID = TutoringSessionId(1)
CHILD = Student(id=StudentProfileId(21), user_id=UserId(201), name="Sara")
CLASSMATE = Student(id=StudentProfileId(22), user_id=None, name="Dawit")
#: Of everyone, what the caller is to the session.
NOBODY = Enrolment(
    caller_is_tutor=False,
    students=tuple(
        EnrolledStudent(student=student, is_caller=False, is_child_of_caller=False) for student in (CHILD, CLASSMATE)
    ),
    student_count=2,
)
OF_PARENT = replace(NOBODY, students=(replace(NOBODY.students[0], is_child_of_caller=True), NOBODY.students[1]))
OF_STUDENT = replace(NOBODY, students=(replace(NOBODY.students[0], is_caller=True), NOBODY.students[1]))
OF_TUTOR = replace(NOBODY, caller_is_tutor=True)
OF_SUBSTITUTE = replace(NOBODY, caller_is_substitute=True)
SESSION = TutoringSession(
    id=ID,
    schedule=Schedule(day=date(2026, 3, 2), start=time(10), end=time(11), whiteboard_id=None),
    status="scheduled",
    course_name="Mathematics",
    tutor_name="Abebe",
    attendance=AttendanceRecord(
        tutor_status="present",
        student_status="present",
        source="system_default",
        tutor_source="system_default",
        student_source="system_default",
        notes=None,
        marked_by=None,
        marked_at=None,
        last_decision_id=None,
    ),
    enrolment=NOBODY,
)

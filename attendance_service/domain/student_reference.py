"""A student as a request names them, found among those whom the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attendance_service.domain.errors import NotOnRoster
from attendance_service.domain.session import Student
from servicekit.errors import FieldViolation
from servicekit.identifiers import StudentProfileId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentReference:
    """At most one of the two ids; None: the request does not name one."""

    student_id: StudentProfileId | None = None
    user_id: UserId | None = None

    def among(self, students: Sequence[Student]) -> Student:
        """Return the student who is meant: the named one, or if nobody is named, the only one.

        NotOnRoster: no student, or none in particular, is meant. It does not say whether the student exists.
        """
        if self.student_id is not None:
            named, field = [student for student in students if student.id == self.student_id], "student_id"
        elif self.user_id is not None:
            named, field = [student for student in students if student.user_id == self.user_id], "user_id"
        else:
            named, field = list(students), "student_id"
        if len(named) != 1:
            raise NotOnRoster(FieldViolation(field, "must name a student of this session, as GetSession lists them"))
        return named[0]


UNNAMED = StudentReference()

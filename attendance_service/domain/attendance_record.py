"""What is recorded about a session and about each of its students."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from servicekit.etag import etag
from servicekit.identifiers import UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentRecord:
    """What stands about one student; statuses of old rows may be any word."""

    #: It means nothing while the source is `system_default`.
    status: str | None = None
    #: `system_default`: not marked yet.
    source: str = AttendanceSource.SYSTEM_DEFAULT
    marked_by: UserId | None = None
    marked_at: datetime | None = None
    #: The role of the person who decided; None: nobody, as far as the ledger goes back.
    decided_by_role: str | None = None
    note: str | None = None
    #: The role of the person who gave the note.
    noted_by_role: str | None = None
    excused: bool = False
    excuse_reason: str | None = None
    last_decision_id: int | None = None

    @property
    def is_marked(self) -> bool:
        """Whether a person decided; a default is never a confirmed status."""
        return self.source != AttendanceSource.SYSTEM_DEFAULT


#: Nobody has decided on this student.
UNDECIDED = StudentRecord()


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceRecord:
    """What is recorded about one session; statuses of old rows may be any word."""

    tutor_status: str | None
    #: Of the student; of a class, whether somebody was there (`class_status`).
    student_status: str | None
    #: `system_default`: not marked yet.
    source: str
    #: Sources for each person alone; of a class, that of the last decision about any student.
    tutor_source: str
    student_source: str
    notes: str | None
    marked_by: UserId | None
    marked_at: datetime | None
    last_decision_id: int | None
    tutor_excused: bool = False
    tutor_excuse_reason: str | None = None
    #: The source before the session was moved to a time that begins after the mark, so that it is unmarked again.
    #: None: it was not moved.
    source_before_move: str | None = None

    @property
    def is_marked(self) -> bool:
        """Whether a person decided; a default is never a confirmed status."""
        return self.source != AttendanceSource.SYSTEM_DEFAULT

    @property
    def etag(self) -> str:
        """Changes with every decision, and with every change that other programs make to the row."""
        return etag(self.last_decision_id, *self._stored())

    def _stored(self) -> tuple[object, ...]:
        marked_at = None if self.marked_at is None else self.marked_at.isoformat()
        return (self.tutor_status, self.student_status, self.source, self.notes, self.marked_by, marked_at)


def class_status(decided: Iterable[str | None]) -> AttendanceStatus | None:
    """Return what the statuses of the students who were decided on mean for the class: whether somebody was there.

    None: nobody was decided on. Another word of an old row counts as none of the three.
    """
    statuses = [(status or "").strip().lower() for status in decided]
    if not statuses:
        return None
    return next(
        (status for status in (AttendanceStatus.PRESENT, AttendanceStatus.LATE) if status in statuses),
        AttendanceStatus.ABSENT,
    )


def etag_of_students(students: Iterable[StudentRecord]) -> str:
    """Return the etag for a caller who decides on these students at most, and does not see the rest of the class.

    It does not change when another person is decided on, and nothing about the others can be worked out from it.
    """
    about = [
        (one.status, one.source, one.note, one.excused, one.excuse_reason, one.last_decision_id) for one in students
    ]
    return etag(about)

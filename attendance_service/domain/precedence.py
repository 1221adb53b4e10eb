"""Whose word stands: what only an admin may change, and which notes a parent's word keeps (docs/decisions.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attendance_service.domain.attendance_record import AttendanceRecord, StudentRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import Decision, StudentDecision
from attendance_service.domain.errors import AdminDecided
from attendance_service.domain.student_decisions import PARENT_LABEL
from attendance_service.domain.vocabulary import AttendanceSource


@dataclass(frozen=True, kw_only=True, slots=True)
class LastDeciders:
    """The roles of those who decided last about a session; None: nobody, as far as the ledger goes back."""

    tutor_status: str | None
    student_status: str | None
    notes: str | None
    #: The notes as they were given then; empty: cleared.
    notes_given: str | None


def require_rank(decision: Decision, record: AttendanceRecord, last: LastDeciders, caller: Caller) -> None:
    """Raise AdminDecided if the decision changes what an admin decided, unless the caller is one.

    Notes and excuses count as well, but a parent's notes stand beside those of others and change none.
    """
    if caller.role is CallerRole.ADMIN:
        return
    changes_admins_notes = (
        decision.notes is not None and caller.role is not CallerRole.PARENT and has_admins_notes(record, last)
    )
    if (
        changes_admins_notes
        or (decision.tutor_status is not None and is_admins(last.tutor_status, record.tutor_source))
        or any(_changes_what_an_admin_decided(student, caller) for student in decision.students)
        # Whom it is about is not known.
        or (
            decision.student_status is not None
            and not decision.students
            and is_admins(last.student_status, record.student_source)
        )
    ):
        raise AdminDecided


def is_admins_student(record: StudentRecord) -> bool:
    """Return whether an admin decided on this student."""
    return is_admins(record.decided_by_role, record.source)


def _changes_what_an_admin_decided(decision: StudentDecision, caller: Caller) -> bool:
    record = decision.before
    changes_note = decision.note is not None and caller.role is not CallerRole.PARENT and has_admins_note(record)
    changes_more = decision.changes_status or decision.excused is not None
    return changes_note or (changes_more and is_admins_student(record))


def has_admins_note(record: StudentRecord) -> bool:
    """Return whether the note on the student is an admin's."""
    return record.noted_by_role == CallerRole.ADMIN and bool(record.note)


def with_notes_of_others(decision: Decision, record: AttendanceRecord, last: LastDeciders, caller: Caller) -> Decision:
    """Return a parent's decision with notes that keep those of others; other decisions are returned as they are."""
    if caller.role is not CallerRole.PARENT or decision.notes is None:
        return decision
    kept = notes_without_parents(record, last)
    if not kept:
        return decision
    return replace(decision, stored_notes=f"{kept}{PARENT_LABEL}{decision.notes}" if decision.notes else kept)


def has_admins_notes(record: AttendanceRecord, last: LastDeciders) -> bool:
    """Return whether the session's notes are an admin's."""
    given = last.notes_given or ""
    return last.notes == CallerRole.ADMIN and given != "" and given in (record.notes or "")


def is_admins(last_role: str | None, source: str) -> bool:
    """Return whether an admin decided; where the ledger does not say, the source does.

    What was decided before the session was moved does not count.
    """
    if source == AttendanceSource.SYSTEM_DEFAULT:
        return False
    return source == AttendanceSource.ADMIN_OVERRIDE if last_role is None else last_role == CallerRole.ADMIN


def notes_without_parents(record: AttendanceRecord, last: LastDeciders) -> str:
    """Return the session's notes without what a parent added last."""
    stored = record.notes or ""
    if last.notes != CallerRole.PARENT or not last.notes_given:
        return stored
    return "" if stored == last.notes_given else stored.removesuffix(f"{PARENT_LABEL}{last.notes_given}")

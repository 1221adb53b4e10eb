"""A parent's word as a claim, where the policy says so (docs/decisions.md#claims)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.claims import ClaimedStatus
from attendance_service.domain.decision import Decision, MarkRequest, StudentMark
from attendance_service.domain.session import EnrolledStudent, TutoringSession
from attendance_service.domain.student_decisions import named_students
from attendance_service.domain.vocabulary import AttendanceSource

_NOTHING = StudentMark()


@dataclass(frozen=True, kw_only=True, slots=True)
class ParentsRequest:
    """What a parent asks to record, in two parts."""

    #: About children on whom a tutor or admin has decided.
    claims: tuple[ClaimedStatus, ...]
    #: About the others; None: there are none.
    mark: MarkRequest | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ParentsOutcome:
    """What became of it."""

    #: None: everything became claims.
    decision: Decision | None
    #: As it is stored now.
    session: TutoringSession
    claim_ids: tuple[int, ...] = ()


def split_parents_word(mark: MarkRequest, session: TutoringSession, caller: Caller) -> ParentsRequest:
    """Return which part of a parent's request becomes claims; NotOnRoster."""
    named = named_students(mark, session, caller)
    claims: list[ClaimedStatus] = []
    rest: list[StudentMark] = []
    for enrolled in session.enrolment.shown_to(caller):
        own = named.get(enrolled.student.id, _NOTHING)
        status = mark.student_status if own.status is None else own.status
        if status is None:
            continue
        if _is_decided_by_others(enrolled):
            note = mark.notes if own.note is None else own.note
            claims.append(ClaimedStatus(enrolled=enrolled, status=status, note=(note or "").strip()))
        else:
            rest.append(StudentMark(student_id=enrolled.student.id, status=status, note=own.note))
    if not claims:
        return ParentsRequest(claims=(), mark=mark)
    remaining = replace(mark, student_status=None, students=tuple(rest)) if rest else None
    return ParentsRequest(claims=tuple(claims), mark=remaining)


def _is_decided_by_others(enrolled: EnrolledStudent) -> bool:
    """Return whether a tutor or admin has decided; where the ledger does not say who, the source does."""
    record = enrolled.record
    if not record.is_marked:
        return False
    if record.decided_by_role is not None:
        return record.decided_by_role != CallerRole.PARENT
    return record.source != AttendanceSource.PARENT_REPORTED

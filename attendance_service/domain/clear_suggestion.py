"""Whether a suggestion that is written down can be accepted without a closer look (docs/decisions.md)."""

from __future__ import annotations

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.settlement import SettledJudgement, SettledSuggestion
from attendance_service.domain.vocabulary import Confidence


def is_clear_to(suggestion: SettledSuggestion, session: TutoringSession, caller: Caller) -> bool:
    """Return whether the caller can accept it for everyone in the session, and it is sure about each of them.

    Bulk acceptance takes more: of a class also those students about whom the suggestion is sure, when others differ.
    """
    if not _may_accept(session, caller) or session.attendance.is_marked or session.open_claims:
        return False
    if not suggestion.has_whiteboard or not _is_sure(suggestion.tutor):
        return False
    if not session.enrolment.is_class:
        return _is_sure(suggestion.student) and ReasonCode.STUDENTS_DIFFER not in suggestion.student.reasons
    judged = {student.student_id: student.judgement for student in suggestion.students}
    return all(_is_sure(judged.get(enrolled.student.id)) for enrolled in session.enrolment.students)


def _may_accept(session: TutoringSession, caller: Caller) -> bool:
    """Return whether the caller may accept a suggestion about tutor and students: a substitute may not."""
    is_theirs = caller.role is CallerRole.ADMIN or (
        caller.role is CallerRole.TUTOR and session.enrolment.caller_is_tutor
    )
    return is_theirs and not session.is_cancelled


def _is_sure(judgement: SettledJudgement | None) -> bool:
    return judgement is not None and judgement.confidence is Confidence.HIGH

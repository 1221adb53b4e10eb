"""What was suggested about settled sessions, as messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.measurement import shown_minutes
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.settlement import SettledStudent, SettledSuggestion
from attendance_service.wire.fields import CONFIDENCES, STATUSES, timestamp
from attendance_service.wire.suggestions import lesson_outcome
from servicekit.identifiers import UserId


def settled_suggestion(suggestion: SettledSuggestion, session: TutoringSession, caller: Caller) -> pb.SettledSuggestion:
    """Return the suggestion as the caller may see it: as much as of one that is computed now (wire/suggestions.py)."""
    shown = [student for student in _judged(suggestion) if _is_visible(student, session, caller)]
    message = pb.SettledSuggestion(
        has_whiteboard=suggestion.has_whiteboard,
        tutor_status_suggestion=STATUSES[suggestion.tutor.status],
        tutor_confidence=CONFIDENCES[suggestion.tutor.confidence],
        tutor_reasons=suggestion.tutor.reasons,
        student_status_suggestion=STATUSES[suggestion.student.status],
        student_confidence=CONFIDENCES[suggestion.student.confidence],
        students=_students(shown, session),
        overall_recommendation=suggestion.recommendation,
        judged_at=timestamp(suggestion.judged_at),
        changed_at=timestamp(suggestion.changed_at),
        policy_version=suggestion.policy_version,
        tutor_lateness_minutes=suggestion.tutor_lateness_minutes,
        tutor_active_minutes=suggestion.tutor_active_minutes,
    )
    if _shows_everyone(suggestion, session, caller):
        message.student_reasons.extend(suggestion.student.reasons)
        message.etag = suggestion.etag
    return message


def settled_outcome(suggestion: SettledSuggestion, session: TutoringSession, caller: Caller) -> pb.LessonOutcome | None:
    """Return what became of the lesson; None if it is not known, or would reveal facts about other students."""
    if suggestion.outcome is None or not _shows_everyone(suggestion, session, caller):
        return None
    return lesson_outcome(suggestion.outcome)


def _judged(suggestion: SettledSuggestion) -> list[SettledStudent]:
    return [student for student in suggestion.students if student.judgement is not None]


def _is_visible(student: SettledStudent, session: TutoringSession, caller: Caller) -> bool:
    visible = session.visible_students(caller)
    return visible is None or student.user_id in visible


def _shows_everyone(suggestion: SettledSuggestion, session: TutoringSession, caller: Caller) -> bool:
    return all(_is_visible(student, session, caller) for student in _judged(suggestion))


def _students(students: list[SettledStudent], session: TutoringSession) -> Iterator[pb.SettledStudent]:
    names: dict[UserId | None, str] = {
        enrolled.student.user_id: enrolled.student.name for enrolled in session.enrolment.students
    }
    for student in students:
        if student.judgement is not None:
            yield pb.SettledStudent(
                student_id=student.student_id or 0,
                user_id=student.user_id,
                name=names.get(student.user_id, ""),
                status_suggestion=STATUSES[student.judgement.status],
                confidence=CONFIDENCES[student.judgement.confidence],
                reasons=student.judgement.reasons,
                lesson_outcome=None if student.outcome is None else lesson_outcome(student.outcome),
                lateness_minutes=_minutes(student.lateness_seconds),
                active_minutes=_minutes(student.active_seconds),
            )


def _minutes(seconds: int | None) -> float | None:
    return None if seconds is None else shown_minutes(timedelta(seconds=seconds))

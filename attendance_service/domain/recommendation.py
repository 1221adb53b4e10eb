"""One sentence for the person who decides."""

from __future__ import annotations

from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.vocabulary import Confidence


def recommendation(suggestion: Suggestion) -> str:
    """Return what to do with a suggestion, in one sentence."""
    tutor, student = suggestion.tutor.judgement, suggestion.student.judgement
    if not suggestion.has_whiteboard:
        return _without_facts(tutor.reasons[0].code)
    people = f"tutor {tutor.status}, {'class' if len(suggestion.students) > 1 else 'student'} {student.status}"
    if suggestion.provisional:
        return f"So far: {people}; wait until the session is over and settled before you accept, or mark manually."
    if suggestion.is_clear:
        return f"The facts are clear: {people}; you can accept this."
    if Confidence.LOW in {tutor.confidence, student.confidence}:
        return f"Not sure enough to rely on: {people}; check the reasons and mark manually if you know better."
    return f"Probably {people}; look at the reasons before you accept."


def _without_facts(code: ReasonCode) -> str:
    if code is ReasonCode.NOT_BEGUN:
        return "The session has not begun; come back when it is over, or mark manually."
    return "There are no whiteboard facts to judge; please mark attendance manually."

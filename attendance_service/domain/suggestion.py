"""What the facts of one session suggest about all its people (docs/suggestions.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from attendance_service.domain.etag import etag
from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts, TimeRanges
from attendance_service.domain.judgement import Judgement, judge, unjudged
from attendance_service.domain.measurement import Presence, measure, presence_of, presence_of_class
from attendance_service.domain.policy import BUILT_IN_VERSION, Limits
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.vocabulary import Confidence
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange, clip


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonSuggestion:
    """What is suggested about one person, or about a class."""

    judgement: Judgement
    #: Presence that touches the window, oldest first.
    intervals: tuple[PresenceInterval, ...] = ()
    #: What they did at the whiteboard, counted by minute of the window: shown, not judged.
    activity: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What is suggested about one session."""

    #: Whether there were whiteboard facts to judge.
    has_whiteboard: bool
    #: The scheduled window; None where there is no schedule.
    window: TimeRange[datetime] | None
    tutor: PersonSuggestion
    #: The student; in a class: whether at least one student attended.
    student: PersonSuggestion
    #: Each student of the whiteboard session.
    students: dict[UserId, PersonSuggestion]
    #: The facts may still change.
    provisional: bool
    observation_gaps: TimeRanges = ()
    #: The policy by which it was judged.
    policy_version: int = BUILT_IN_VERSION

    @property
    def is_clear(self) -> bool:
        """Whether confidence is high for both."""
        return {self.tutor.judgement.confidence, self.student.judgement.confidence} == {Confidence.HIGH}

    @property
    def etag(self) -> str:
        """Changes when a suggested status or confidence does, and with the policy."""
        people = [_shown(self.tutor), _shown(self.student)]
        students = [[user_id, *_shown(person)] for user_id, person in sorted(self.students.items())]
        return etag(self.has_whiteboard, self.provisional, people, students, self.policy_version)

    @property
    def recommendation(self) -> str:
        """One sentence that says what to do."""
        tutor, student = self.tutor.judgement, self.student.judgement
        if not self.has_whiteboard:
            return _recommendation_without_facts(tutor.reasons[0].code)
        people = f"tutor {tutor.status}, {'class' if len(self.students) > 1 else 'student'} {student.status}"
        if self.provisional:
            return f"So far: {people}; wait until the session is over and settled before you accept, or mark manually."
        if self.is_clear:
            return f"The facts are clear: {people}; you can accept this."
        if Confidence.LOW in {tutor.confidence, student.confidence}:
            return f"Not sure enough to rely on: {people}; check the reasons and mark manually if you know better."
        return f"Probably {people}; look at the reasons before you accept."


def suggest_without_facts(
    code: ReasonCode, window: TimeRange[datetime] | None, *, provisional: bool = False
) -> Suggestion:
    """Return the suggestion where there is nothing to judge, for the reason that `code` names."""
    person = PersonSuggestion(judgement=unjudged(code))
    return Suggestion(
        has_whiteboard=False, window=window, tutor=person, student=person, students={}, provisional=provisional
    )


def suggest(facts: SessionFacts, limits: Limits) -> Suggestion:
    """Judge the facts of a window; of a window that is still running, the part that is over."""
    if facts.window.end <= facts.window.start:
        return suggest_without_facts(ReasonCode.NO_SCHEDULE, None)
    if facts.as_of <= facts.window.start:
        return suggest_without_facts(ReasonCode.NOT_BEGUN, facts.window, provisional=True)
    if not facts.tutors or not facts.students:
        return suggest_without_facts(ReasonCode.NO_PARTICIPANT, facts.window)
    return Suggestion(
        has_whiteboard=True,
        window=facts.window,
        tutor=_suggestion_for_class(facts.tutors, facts, limits),
        student=_suggestion_for_class(facts.students, facts, limits),
        students={student.user_id: _suggestion_for_one(student, facts, limits) for student in facts.students},
        provisional=_provisional_reason(facts, limits) is not None,
        observation_gaps=clip(facts.observation_gaps, facts.window),
    )


def _suggestion_for_one(participant: ParticipantFacts, facts: SessionFacts, limits: Limits) -> PersonSuggestion:
    return _suggestion(presence_of(participant), participant.activity, facts, limits)


def _suggestion_for_class(
    participants: Sequence[ParticipantFacts], facts: SessionFacts, limits: Limits
) -> PersonSuggestion:
    presence = presence_of_class(participants, limits.presence_timeout)
    return _suggestion(presence, _sum_by_minute(participant.activity for participant in participants), facts, limits)


def _sum_by_minute(activities: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(counts) for counts in zip_longest(*activities, fillvalue=0))


def _suggestion(presence: Presence, activity: tuple[int, ...], facts: SessionFacts, limits: Limits) -> PersonSuggestion:
    measurement = measure(
        presence,
        scheduled=facts.window,
        as_of=facts.as_of,
        observation_gaps=facts.observation_gaps,
        presence_timeout=limits.presence_timeout,
    )
    judgement = judge(measurement, limits)
    provisional = _provisional_reason(facts, limits)
    return PersonSuggestion(
        judgement=judgement if provisional is None else judgement.with_low_confidence(provisional),
        intervals=presence.intervals,
        activity=activity,
    )


def _provisional_reason(facts: SessionFacts, limits: Limits) -> ReasonCode | None:
    """Return why the facts may still change, or None if they are settled."""
    if facts.as_of < facts.window.end:
        return ReasonCode.RUNNING
    if facts.as_of < facts.window.end + limits.settling_time:
        return ReasonCode.SETTLING
    return None


def _shown(person: PersonSuggestion) -> tuple[str, str]:
    return person.judgement.status, person.judgement.confidence


def _recommendation_without_facts(code: ReasonCode) -> str:
    if code is ReasonCode.NOT_BEGUN:
        return "The session has not begun; come back when it is over."
    if code is ReasonCode.CANCELLED:
        return "The session was cancelled; nothing is suggested."
    return "There are no whiteboard facts to judge; please mark attendance manually."

"""What the facts of one session suggest about everybody in it (DESIGN 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts
from attendance_service.domain.fingerprint import fingerprint
from attendance_service.domain.judgement import Judgement, judge, unjudged
from attendance_service.domain.limits import Limits
from attendance_service.domain.measurement import measure
from attendance_service.domain.policy import BUILT_IN_VERSION
from attendance_service.domain.presence import Presence, presence_of, presence_of_class
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.stretches import Stretch, Stretches, clip
from attendance_service.domain.vocabulary import Confidence, ParticipantRole
from servicekit.identifiers import UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonSuggestion:
    """What is suggested about one person, or about a class."""

    judgement: Judgement
    #: Presence that touches the window, oldest first.
    intervals: tuple[PresenceInterval, ...] = ()
    #: What they did at the whiteboard, counted by minute of the window: to be shown, not judged.
    activity: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What is suggested about one session."""

    #: Whether there were whiteboard facts to judge.
    has_whiteboard: bool
    #: The scheduled window; None where there is no schedule.
    window: Stretch | None
    tutor: PersonSuggestion
    #: The student, or the class: somebody was there.
    student: PersonSuggestion
    #: Each student of the whiteboard session.
    students: dict[UserId, PersonSuggestion]
    #: The facts may still change.
    provisional: bool
    observation_gaps: Stretches = ()
    #: The policy by which it was judged.
    policy_version: int = BUILT_IN_VERSION

    @property
    def is_clear(self) -> bool:
        """Whether it is of high confidence about both."""
        return {self.tutor.judgement.confidence, self.student.judgement.confidence} == {Confidence.HIGH}

    @property
    def etag(self) -> str:
        """Changes when a suggested status or confidence does, and with the policy."""
        people = [_shown(self.tutor), _shown(self.student)]
        students = [[user_id, *_shown(person)] for user_id, person in sorted(self.students.items())]
        return fingerprint(self.has_whiteboard, self.provisional, people, students, self.policy_version)


def suggest_without_facts(code: ReasonCode, window: Stretch | None, *, provisional: bool = False) -> Suggestion:
    """Return the suggestion where there is nothing to judge, for the reason that `code` names."""
    nobody = PersonSuggestion(judgement=unjudged(code))
    return Suggestion(
        has_whiteboard=False, window=window, tutor=nobody, student=nobody, students={}, provisional=provisional
    )


def suggest(facts: SessionFacts, limits: Limits) -> Suggestion:
    """Judge the facts of a window, of one that is running the part that is over."""
    tutors, students = facts.of(ParticipantRole.TUTOR), facts.of(ParticipantRole.STUDENT)
    if facts.window.length <= timedelta():
        return suggest_without_facts(ReasonCode.NO_SCHEDULE, None)
    if facts.as_of <= facts.window.started_at:
        return suggest_without_facts(ReasonCode.NOT_BEGUN, facts.window, provisional=True)
    if not tutors or not students:
        return suggest_without_facts(ReasonCode.NO_PARTICIPANT, facts.window)
    return Suggestion(
        has_whiteboard=True,
        window=facts.window,
        tutor=_suggestion_of_class(tutors, facts, limits),
        student=_suggestion_of_class(students, facts, limits),
        students={student.user_id: _suggestion_of_one(student, facts, limits) for student in students},
        provisional=_still_open(facts, limits) is not None,
        observation_gaps=clip(facts.observation_gaps, facts.window),
    )


def _suggestion_of_one(participant: ParticipantFacts, facts: SessionFacts, limits: Limits) -> PersonSuggestion:
    return _suggestion(presence_of(participant), participant.activity, facts, limits)


def _suggestion_of_class(
    participants: Sequence[ParticipantFacts], facts: SessionFacts, limits: Limits
) -> PersonSuggestion:
    presence = presence_of_class(participants, limits.presence_timeout)
    return _suggestion(presence, _added_up(participant.activity for participant in participants), facts, limits)


def _added_up(activities: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
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
    still_open = _still_open(facts, limits)
    return PersonSuggestion(
        judgement=judgement if still_open is None else judgement.held_back(still_open),
        intervals=presence.intervals,
        activity=activity,
    )


def _still_open(facts: SessionFacts, limits: Limits) -> ReasonCode | None:
    """Return why the facts may still change, or None if they are settled."""
    if facts.as_of < facts.window.ended_at:
        return ReasonCode.RUNNING
    if facts.as_of < facts.window.ended_at + limits.settling_time:
        return ReasonCode.SETTLING
    return None


def _shown(person: PersonSuggestion) -> tuple[str, str]:
    return person.judgement.status, person.judgement.confidence

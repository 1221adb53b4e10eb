"""What if: the suggestions behind past decisions, judged by the limits of their time and by others (docs/adr/0008).

Both times on the facts as they are known now, so that what differs comes of the limits alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from attendance_service.domain.facts import SessionFacts
from attendance_service.domain.judgement import Judgement, judge
from attendance_service.domain.limits import Limits
from attendance_service.domain.period import Period
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.stretches import Stretch
from attendance_service.domain.suggestion import Suggestion, suggest
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence
from servicekit.identifiers import CourseId, WhiteboardSessionId


class Outcome(NamedTuple):
    """What is suggested about one person."""

    status: AttendanceStatus
    confidence: Confidence


class Change(NamedTuple):
    """How the limits to try would change a suggestion."""

    before: Outcome
    after: Outcome


class DecisionPosition(NamedTuple):
    """A decision by what they are ordered by, newest first."""

    decided_at: datetime
    decision_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationQuery:
    """Which limits are tried, and on which page of decisions."""

    limits: Limits
    #: None: all courses.
    course_id: CourseId | None
    period: Period
    after: DecisionPosition | None
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidedPerson:
    """What was suggested about one person, and what was decided."""

    shown: Outcome
    #: None: this person was not decided on.
    decided: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDecision:
    """A decision that was taken with a suggestion at hand."""

    position: DecisionPosition
    #: None: the session has lost its whiteboard since.
    whiteboard_id: WhiteboardSessionId | None
    #: The window that was judged.
    window: Stretch
    #: The limits of their time.
    limits: Limits
    tutor: DecidedPerson
    student: DecidedPerson


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonTrial:
    """One person, judged both ways."""

    person: DecidedPerson
    change: Change


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What other limits would change, counted over some decisions."""

    trials: tuple[PersonTrial, ...]
    #: Decisions that could not be judged anew.
    left_out: Counter[ReasonCode]

    @property
    def decisions(self) -> int:
        """How many decisions were judged anew; each speaks of two people."""
        return len(self.trials) // 2

    @property
    def changes(self) -> Counter[Change]:
        """How many suggestions would change in which way."""
        return Counter(trial.change for trial in self.trials if trial.change.before != trial.change.after)

    @property
    def decided(self) -> int:
        """How many people were decided on."""
        return sum(trial.person.decided is not None for trial in self.trials)

    @property
    def agreed_before(self) -> int:
        """How many decisions on one person agree with the limits of their time."""
        return sum(trial.person.decided == trial.change.before.status for trial in self.trials)

    @property
    def agreed_after(self) -> int:
        """How many decisions on one person agree with the limits to try."""
        return sum(trial.person.decided == trial.change.after.status for trial in self.trials)

    @property
    def facts_changed(self) -> int:
        """How many suggestions differ from what was shown although the limits are the same."""
        return sum(trial.person.shown != trial.change.before for trial in self.trials)


def evaluate(decisions: Iterable[tuple[PastDecision, SessionFacts | ReasonCode]], limits: Limits) -> Evaluation:
    """Judge past decisions anew; where there are no facts any more, the reason takes their place."""
    trials: list[PersonTrial] = []
    left_out: Counter[ReasonCode] = Counter()
    for decision, facts in decisions:
        found = facts if isinstance(facts, ReasonCode) else _tried(decision, facts, limits)
        if isinstance(found, ReasonCode):
            left_out[found] += 1
        else:
            trials.extend(found)
    return Evaluation(trials=tuple(trials), left_out=left_out)


def _tried(decision: PastDecision, facts: SessionFacts, limits: Limits) -> tuple[PersonTrial, ...] | ReasonCode:
    before = suggest(facts, decision.limits)
    if reason := _not_judged(before):
        return reason
    return (
        _trial(decision.tutor, before.tutor.judgement, limits),
        _trial(decision.student, before.student.judgement, limits),
    )


def _not_judged(suggestion: Suggestion) -> ReasonCode | None:
    reasons = suggestion.tutor.judgement.reasons
    if not suggestion.has_whiteboard:
        return reasons[0].code
    # While the facts may still change confidence is low by whatever limits; the last reason says so.
    return reasons[-1].code if suggestion.provisional else None


def _trial(person: DecidedPerson, before: Judgement, limits: Limits) -> PersonTrial:
    # What was measured is the same by all limits; only the presence timeout bears on it, and that is no policy's.
    after = before if before.measurement is None else judge(before.measurement, limits)
    change = Change(
        before=Outcome(before.status, before.confidence),
        after=Outcome(after.status, after.confidence),
    )
    return PersonTrial(person=person, change=change)

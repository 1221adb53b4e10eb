"""What other limits would have suggested for past decisions (docs/policies.md#what-if).

Both the limits of the decision and the limits to try judge the facts that are known now, so that only the limits make
a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from attendance_service.domain.facts import SessionFacts
from attendance_service.domain.judgement import Judgement
from attendance_service.domain.listing import DateRange, PageRequest
from attendance_service.domain.policy import Limits
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Roster
from attendance_service.domain.suggestion import NO_ROSTER, Suggestion, suggest
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence
from servicekit.identifiers import CourseId, TutoringSessionId, UserId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange


class SuggestedStatus(NamedTuple):
    """What is suggested about one person."""

    status: AttendanceStatus
    confidence: Confidence


class SuggestionChange(NamedTuple):
    """How the limits to try would change a suggestion."""

    before: SuggestedStatus
    after: SuggestedStatus


class DecisionPosition(NamedTuple):
    """What decisions are ordered by, newest first."""

    decided_at: datetime
    decision_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationQuery:
    """Which limits are tried, and on which page of decisions."""

    limits: Limits
    #: None: all courses.
    course_id: CourseId | None
    dates: DateRange
    page: PageRequest[DecisionPosition]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidedPerson:
    """What was suggested about one person, and what was decided."""

    shown: SuggestedStatus
    #: None: the decision is not about this person.
    decided: str | None
    #: Empty: the user has none, or it is about the students as a class.
    name: str = ""
    is_tutor: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDecision:
    """A decision that was made with a suggestion."""

    position: DecisionPosition
    session_id: TutoringSessionId
    #: Of the session; None: it has none.
    day: date | None = None
    #: None: the session has lost its whiteboard since.
    whiteboard_id: WhiteboardSessionId | None
    #: The window that was judged.
    window: TimeRange[datetime]
    #: The limits that applied to it.
    limits: Limits
    #: Who was judged.
    roster: Roster = NO_ROSTER
    tutor: DecidedPerson
    #: The student, or the class as a whole: counts if no student is known by themselves.
    student: DecidedPerson
    #: Each student about whom something was suggested.
    students: Mapping[UserId, DecidedPerson] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonTrial:
    """One person, judged by both sets of limits."""

    person: DecidedPerson
    change: SuggestionChange
    session_id: TutoringSessionId
    day: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What other limits would change, counted over some decisions."""

    trials: tuple[PersonTrial, ...]
    #: How many decisions were judged again; each is about a tutor and one or more students.
    decisions: int
    #: Decisions that could not be judged again.
    left_out: Counter[ReasonCode]

    @property
    def changes(self) -> Counter[SuggestionChange]:
        """How many suggestions would change, by their change."""
        return Counter(trial.change for trial in self.changed)

    @property
    def changed(self) -> tuple[PersonTrial, ...]:
        """The suggestions that would change, in the order of the decisions."""
        return tuple(trial for trial in self.trials if trial.change.before != trial.change.after)

    @property
    def decided(self) -> int:
        """About how many people a decision was made."""
        return sum(trial.person.decided is not None for trial in self.trials)

    @property
    def agreed_before(self) -> int:
        """How many of these agree with the limits that applied then."""
        return sum(trial.person.decided == trial.change.before.status for trial in self.trials)

    @property
    def agreed_after(self) -> int:
        """How many of these agree with the limits to try."""
        return sum(trial.person.decided == trial.change.after.status for trial in self.trials)

    @property
    def facts_changed(self) -> int:
        """How many suggestions differ from what was shown although the limits are the same."""
        return sum(trial.person.shown != trial.change.before for trial in self.trials)


def evaluate(decisions: Iterable[tuple[PastDecision, SessionFacts | ReasonCode]], limits: Limits) -> Evaluation:
    """Judge past decisions again; each comes with its facts, or with the reason why there are none."""
    trials: list[PersonTrial] = []
    left_out: Counter[ReasonCode] = Counter()
    judged = 0
    for decision, facts in decisions:
        result = facts if isinstance(facts, ReasonCode) else _judged_again(decision, facts, limits)
        if isinstance(result, ReasonCode):
            left_out[result] += 1
        else:
            judged += 1
            trials.extend(result)
    return Evaluation(trials=tuple(trials), decisions=judged, left_out=left_out)


def _judged_again(decision: PastDecision, facts: SessionFacts, limits: Limits) -> tuple[PersonTrial, ...] | ReasonCode:
    before = suggest(facts, decision.limits, decision.roster)
    if reason := _not_judged(before):
        return reason
    # The presence timeout belongs to the facts, not to a policy.
    tried = replace(limits, presence_timeout=decision.limits.presence_timeout)
    after = suggest(facts, tried, decision.roster)
    tutor = _trial(decision, decision.tutor, before.tutor.judgement, after.tutor.judgement)
    students = [
        _trial(decision, person, before.students[user].judgement, after.students[user].judgement)
        for user, person in decision.students.items()
        if user in before.students and user in after.students
    ]
    if not students:
        students = [_trial(decision, decision.student, before.student.judgement, after.student.judgement)]
    return (tutor, *students)


def _not_judged(suggestion: Suggestion) -> ReasonCode | None:
    reasons = suggestion.tutor.judgement.reasons
    if not suggestion.has_whiteboard:
        return reasons[0].code
    # While the facts may still change, confidence is low with any limits, and the last reason says so.
    return reasons[-1].code if suggestion.provisional else None


def _trial(decision: PastDecision, person: DecidedPerson, before: Judgement, after: Judgement) -> PersonTrial:
    change = SuggestionChange(
        before=SuggestedStatus(before.status, before.confidence),
        after=SuggestedStatus(after.status, after.confidence),
    )
    return PersonTrial(person=person, change=change, session_id=decision.session_id, day=decision.day)

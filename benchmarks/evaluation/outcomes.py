"""Which outcomes of lessons are right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.evaluation.reviewer.outcome import Outcome, OutcomeReview, alone_with_tutor, review_outcome
from benchmarks.evaluation.scoring import Count, lesson_of, tally
from benchmarks.evaluation.simulation.plan import Fault, Role, Situation
from benchmarks.evaluation.simulation.simulate import SimulatedClass
from benchmarks.evaluation.time_ranges import MINUTE

#: Minutes are shown rounded down to a tenth, and the service knows a clean lesson to the millisecond.
_MAX_OVERLAP_ERROR = MINUTE // 10


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedOutcome:
    """One class, or one student's part in it, before the service is asked."""

    number: int
    #: users.id; None: the class as a whole.
    student: int | None
    situation: Situation
    #: Of anyone in the class.
    faults: frozenset[Fault]
    review: OutcomeReview


@dataclass(frozen=True, kw_only=True, slots=True)
class SuggestedOutcome:
    """What the service says became of a lesson."""

    outcome: Outcome
    overlap_minutes: float


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedOutcome:
    """Both."""

    expected: ExpectedOutcome
    suggested: SuggestedOutcome

    @property
    def is_right(self) -> bool:
        """Whether the outcome is the reviewer's."""
        return self.expected.review.agrees(self.suggested.outcome)

    @property
    def has_right_overlap(self) -> bool:
        """Whether the minutes together are those of the truth."""
        difference = self.expected.review.overlap - self.suggested.overlap_minutes * MINUTE
        return abs(difference) <= _MAX_OVERLAP_ERROR


def expect_outcomes(simulated: SimulatedClass) -> list[ExpectedOutcome]:
    """Return what the reviewer says became of a class, and of each student's part in it if there are several."""
    lesson = lesson_of(simulated)
    reviewed: dict[int | None, OutcomeReview] = {None: review_outcome(lesson)}
    students = [
        (person.plan.user_id, known)
        for person, known in zip(simulated.people, lesson.people, strict=True)
        if person.plan.is_judged and person.plan.role is Role.STUDENT
    ]
    if len(students) > 1:
        reviewed |= {user_id: review_outcome(alone_with_tutor(lesson, known)) for user_id, known in students}
    faults = frozenset[Fault]().union(*(person.faults for person in simulated.people))
    return [
        ExpectedOutcome(
            number=simulated.plan.number,
            student=student,
            situation=simulated.plan.situation,
            faults=faults,
            review=review,
        )
        for student, review in reviewed.items()
    ]


def decidable(judged: Iterable[JudgedOutcome]) -> list[JudgedOutcome]:
    """Return those that are not borderline, and of which what could be observed allows one outcome only."""
    return [one for one in judged if one.expected.review.is_decidable and not one.expected.review.is_borderline]


def near_a_limit(judged: Iterable[JudgedOutcome]) -> list[JudgedOutcome]:
    """Return those that are borderline."""
    return [one for one in judged if one.expected.review.is_borderline]


def hidden(judged: Iterable[JudgedOutcome]) -> list[JudgedOutcome]:
    """Return the others of which what could be observed allows another outcome."""
    return [one for one in judged if not one.expected.review.is_decidable and not one.expected.review.is_borderline]


def clean(judged: Iterable[JudgedOutcome]) -> list[JudgedOutcome]:
    """Return those of classes without faults."""
    return [one for one in judged if not one.expected.faults]


def count_outcomes(judged: Sequence[JudgedOutcome]) -> Count:
    """Count the right outcomes."""
    return tally(one.is_right for one in judged)

"""What is compared: one person of one class, as the reviewer, the service and the replaced system see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.evaluation.review import old_way
from benchmarks.evaluation.review.marks import Verdict
from benchmarks.evaluation.review.reviewer import Review, review
from benchmarks.evaluation.simulation.plan import ClassPlan
from benchmarks.evaluation.simulation.simulated import SimulatedPerson
from benchmarks.evaluation.simulation.words import Behaviour, Fault, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One person, before the service is asked."""

    number: int
    user_id: int
    role: Role
    behaviour: Behaviour
    #: What did go wrong; empty: clean.
    faults: frozenset[Fault]
    review: Review
    old: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The same, and what the service suggests."""

    expected: Expected
    ours: Verdict


#: Whose suggestion is counted.
Way = Callable[[Judged], Verdict]


def ours(judged: Judged) -> Verdict:
    """Return what the service suggests."""
    return judged.ours


def old(judged: Judged) -> Verdict:
    """Return what the replaced system suggested."""
    return judged.expected.old


def is_right(judged: Judged, way: Way) -> bool:
    """Tell whether a suggestion matches the reviewer's mark."""
    return way(judged).mark is judged.expected.review.mark


def expected(plan: ClassPlan, person: SimulatedPerson) -> Expected:
    """Let the reviewer and the replaced system judge a person of a class."""
    return Expected(
        number=plan.number,
        user_id=person.plan.user_id,
        role=person.plan.role,
        behaviour=person.plan.behaviour,
        faults=person.faults,
        review=review(person.truth, plan.window),
        old=old_way.suggest(old_way.kept_of(person.telemetry), plan.window),
    )

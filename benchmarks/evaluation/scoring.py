"""Which suggestions are right, and how many: those of the service and those of the replaced system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.evaluation import replaced_system
from benchmarks.evaluation.reviewer import Confidence, Review, Verdict, review
from benchmarks.evaluation.simulation.plan import Behaviour, Fault, Role
from benchmarks.evaluation.simulation.simulate import SimulatedClass, SimulatedPerson

_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One person of one class, before the service is asked."""

    number: int
    user_id: int
    role: Role
    behaviour: Behaviour
    #: The faults that had an effect; empty: clean.
    faults: frozenset[Fault]
    review: Review
    replaced: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The same, with the suggestion of the service."""

    expected: Expected
    suggested: Verdict


#: Returns the suggestion that is counted.
System = Callable[[Judged], Verdict]


def service(judged: Judged) -> Verdict:
    """Return the suggestion of the service."""
    return judged.suggested


def replaced(judged: Judged) -> Verdict:
    """Return the suggestion of the replaced system."""
    return judged.expected.replaced


def expect(simulated: SimulatedClass, person: SimulatedPerson) -> Expected:
    """Return the reviewer's mark and the replaced system's suggestion for a person of a class."""
    plan = simulated.plan
    return Expected(
        number=plan.number,
        user_id=person.plan.user_id,
        role=person.plan.role,
        behaviour=person.plan.behaviour,
        faults=person.faults,
        review=review(person.truth, plan.window, simulated.others(person)),
        replaced=replaced_system.suggest(replaced_system.stored_columns(person.telemetry), plan.window),
    )


def is_right(judged: Judged, system: System) -> bool:
    """Return whether a suggestion matches the reviewer's mark."""
    return system(judged).mark is judged.expected.review.mark


class Count(NamedTuple):
    """How many suggestions are right."""

    right: int
    all: int

    @property
    def wrong(self) -> int:
        """How many are wrong."""
        return self.all - self.right

    @property
    def percentage(self) -> float:
        """Percentage of right ones; 100 if there are none at all."""
        return _PERCENT * self.right / self.all if self.all else _PERCENT

    @property
    def wrong_percentage(self) -> float:
        """Percentage of wrong ones."""
        return _PERCENT * self.wrong / self.all if self.all else 0.0


def count(judged: Iterable[Judged], system: System) -> Count:
    """Count the suggestions of one system."""
    results = [is_right(one, system) for one in judged]
    return Count(right=sum(results), all=len(results))


def clear(judged: Iterable[Judged]) -> list[Judged]:
    """Return those that are not borderline."""
    return [one for one in judged if not one.expected.review.is_borderline]


def clean(judged: Iterable[Judged]) -> list[Judged]:
    """Return those without faults."""
    return [one for one in judged if not one.expected.faults]


def with_fault(judged: Iterable[Judged], fault: Fault) -> list[Judged]:
    """Return those with a fault, alone or among others."""
    return [one for one in judged if fault in one.expected.faults]


def with_fault_alone(judged: Iterable[Judged], fault: Fault) -> list[Judged]:
    """Return those with a fault and no other."""
    return [one for one in judged if one.expected.faults == {fault}]


def with_confidence(judged: Iterable[Judged], system: System, confidence: Confidence) -> list[Judged]:
    """Return those for which a system's suggestion has this confidence."""
    return [one for one in judged if system(one).confidence is confidence]


def misjudged(judged: Sequence[Judged]) -> list[Judged]:
    """Return those for which the service is wrong.

    Errors of high confidence come first, then clear ones before borderline ones, higher confidence before lower.
    """
    return sorted(
        (one for one in judged if not is_right(one, service)),
        key=lambda one: (
            one.suggested.confidence is not Confidence.HIGH,
            one.expected.review.is_borderline,
            list(Confidence).index(one.suggested.confidence),
            one.expected.number,
        ),
    )

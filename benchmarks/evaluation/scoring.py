"""Which suggestions are right, and how many: those of the service and those of the replaced system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.evaluation import replaced_system
from benchmarks.evaluation.reviewer.lesson import Lesson, Person
from benchmarks.evaluation.reviewer.marks import Confidence, Verdict
from benchmarks.evaluation.reviewer.review import Review, review
from benchmarks.evaluation.simulation.plan import Behaviour, Fault, PersonPlan, Place, Role, Situation
from benchmarks.evaluation.simulation.simulate import SimulatedClass, SimulatedPerson

_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One person of one class, before the service is asked."""

    number: int
    user_id: int
    role: Role
    behaviour: Behaviour
    situation: Situation
    #: How many students the class has.
    size: int
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


def lesson_of(simulated: SimulatedClass) -> Lesson:
    """Return what the reviewer knows of a class; the people in the order of the plan."""
    outage = simulated.plan.outage
    # Events that are sent again prove that nothing was missed; without any, nothing does.
    is_proven = outage is not None and not outage.hides_truth and any(person.telemetry for person in simulated.people)
    return Lesson(
        window=simulated.plan.window,
        people=tuple(_person(person) for person in simulated.people),
        hidden=None if outage is None or is_proven else outage.range,
        clock_offset=simulated.plan.clock_offset,
    )


def expect(simulated: SimulatedClass) -> list[Expected]:
    """Return the reviewer's mark and the replaced system's suggestion for each person whom a class is about."""
    plan, lesson = simulated.plan, lesson_of(simulated)
    return [
        Expected(
            number=plan.number,
            user_id=person.plan.user_id,
            role=person.plan.role,
            behaviour=person.plan.behaviour,
            situation=plan.situation,
            size=plan.size,
            faults=person.faults,
            review=review(lesson, known),
            replaced=replaced_system.suggest(replaced_system.stored_columns(person.telemetry), plan.window),
        )
        for person, known in zip(simulated.people, lesson.people, strict=True)
        if person.plan.is_judged
    ]


def is_right(judged: Judged, system: System) -> bool:
    """Return whether a suggestion matches the reviewer's mark."""
    return judged.expected.review.agrees(system(judged))


def is_wrong_and_sure(judged: Judged, system: System) -> bool:
    """Return whether a suggestion is wrong with high confidence."""
    return not is_right(judged, system) and system(judged).confidence is Confidence.HIGH


def is_too_sure(judged: Judged) -> bool:
    """Return whether a suggestion of the service has high confidence where the reviewer has a doubt."""
    return judged.expected.review.is_too_sure(judged.suggested)


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
    return tally(is_right(one, system) for one in judged)


def tally(results: Iterable[bool]) -> Count:
    """Count what is right."""
    known = list(results)
    return Count(right=sum(known), all=len(known))


def clear(judged: Iterable[Judged]) -> list[Judged]:
    """Return those that are not borderline; a truth that could not be observed is among them."""
    return [one for one in judged if not one.expected.review.is_borderline]


def decidable(judged: Iterable[Judged]) -> list[Judged]:
    """Return those that are not borderline, and about whom what could be observed allows one mark only."""
    return [one for one in clear(judged) if one.expected.review.is_decidable]


def hidden(judged: Iterable[Judged]) -> list[Judged]:
    """Return those that are not borderline, but about whom what could be observed allows more than one mark."""
    return [one for one in clear(judged) if not one.expected.review.is_decidable]


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
            not one.expected.review.is_decidable,
            list(Confidence).index(one.suggested.confidence),
            one.expected.number,
        ),
    )


def _person(person: SimulatedPerson) -> Person:
    plan: PersonPlan = person.plan
    return Person(
        is_tutor=plan.role is Role.TUTOR,
        presence=person.truth,
        is_on_roster=plan.is_judged,
        is_listed=plan.place in {Place.BOTH, Place.WHITEBOARD},
    )

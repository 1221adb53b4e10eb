"""Plans of classes, each drawn from the seed and its own number alone: any one can be drawn again by itself."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TypeVar

from benchmarks.evaluation.moments import MINUTE, Stretch
from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.plan import ClassPlan, Outage, PersonPlan, Record
from benchmarks.evaluation.simulation.words import PERSONAL_FAULTS, Behaviour, Fault, Role

_ChoiceT = TypeVar("_ChoiceT")

#: Weights. Ordinary people are the most frequent, and everybody else frequent enough to be counted.
BEHAVIOURS: Mapping[Behaviour, int] = {
    Behaviour.PUNCTUAL: 40,
    Behaviour.LATE: 15,
    Behaviour.VERY_LATE: 10,
    Behaviour.EARLY_LEAVER: 10,
    Behaviour.DROP_OUT: 8,
    Behaviour.NO_SHOW: 7,
    Behaviour.BRIEF_VISIT: 5,
    Behaviour.EARLY_JOINER: 5,
}
#: In this share of the classes nothing goes wrong.
CLEAN_SHARE = 0.25
#: How many faults strike a person of the others; weights.
FAULT_COUNTS: Mapping[int, int] = {0: 10, 1: 35, 2: 30, 3: 17, 4: 8}
SHORT_SHARE = 0.1
#: What is left of the outage that a class meets; weights.
OUTAGES: Mapping[Record | None, int] = {None: 83, Record.NOTHING_MISSED: 8, Record.COVERAGE: 5, Record.FRAME: 4}
#: Students of a class; weights.
STUDENTS: Mapping[int, int] = {1: 95, 2: 3, 3: 2}
#: In minutes.
LENGTHS = (15, 90)
SHORT_LENGTHS = (10, 14)
#: users.id are made of the class's number and the person's place in it.
PEOPLE_PER_CLASS = 10


def draw(seed: int, number: int) -> ClassPlan:
    """Draw a class by its number, from 1 on."""
    random = Random(f"{seed}:{number}")
    is_clean = random.random() < CLEAN_SHARE
    is_short = not is_clean and random.random() < SHORT_SHARE
    length = random.randint(*(SHORT_LENGTHS if is_short else LENGTHS)) * MINUTE
    starts_at, outage = _place(seed, length, None if is_clean else _weighted(OUTAGES, random), random)
    return ClassPlan(
        number=number,
        starts_at=starts_at,
        length=length,
        is_short=is_short,
        outage=outage,
        people=_people(number, is_clean=is_clean, random=random),
    )


def person_random(seed: int, person: PersonPlan) -> Random:
    """Return what a person's telemetry is drawn from."""
    return Random(f"{seed}:person:{person.user_id}")


def _place(seed: int, length: int, record: Record | None, random: Random) -> tuple[int, Outage | None]:
    """Return when the class starts, and the outage that it meets."""
    if record in {Record.COVERAGE, Record.NOTHING_MISSED}:
        meets = calendar.slot(seed, random.randrange(calendar.SLOTS))
        starts_at = calendar.disturbed_start(meets, length, random)
        return starts_at, Outage(stretch=meets.outage.moved(-starts_at), record=record)
    starts_at = calendar.undisturbed_start(length, random)
    return starts_at, _own_outage(length, random) if record is Record.FRAME else None


def _own_outage(length: int, random: Random) -> Outage:
    """Draw an outage of the class's own relay."""
    lasts = calendar.outage_length(random)
    begins = random.randrange(MINUTE - lasts, length - MINUTE)
    return Outage(stretch=Stretch(begins, begins + lasts), record=Record.FRAME)


def _people(number: int, *, is_clean: bool, random: Random) -> tuple[PersonPlan, ...]:
    roles = (Role.TUTOR, *[Role.STUDENT] * _weighted(STUDENTS, random))
    return tuple(
        PersonPlan(
            role=role,
            user_id=number * PEOPLE_PER_CLASS + place,
            behaviour=_weighted(BEHAVIOURS, random),
            faults=frozenset() if is_clean else _faults(random),
        )
        for place, role in enumerate(roles)
    )


def _faults(random: Random) -> frozenset[Fault]:
    return frozenset(random.sample(PERSONAL_FAULTS, _weighted(FAULT_COUNTS, random)))


def _weighted(weights: Mapping[_ChoiceT, int], random: Random) -> _ChoiceT:
    (choice,) = random.choices(list(weights), list(weights.values()))
    return choice

"""Draws plans of classes, each from the seed and its own number alone, so that any one can be drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TypeVar

from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.plan import (
    PERSONAL_FAULTS,
    Behaviour,
    ClassPlan,
    Fault,
    Outage,
    OutageRecord,
    PersonPlan,
    Role,
)
from benchmarks.evaluation.time_ranges import MINUTE, TimeRange

_ChoiceT = TypeVar("_ChoiceT")

#: Weights. Punctual people are the most frequent; all others are frequent enough to be counted.
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
#: Share of the classes without faults.
CLEAN_SHARE = 0.25
#: How many faults a person of the other classes gets; weights.
FAULT_COUNTS: Mapping[int, int] = {0: 10, 1: 35, 2: 30, 3: 17, 4: 8}
SHORT_SHARE = 0.1
#: How the outage of a class is recorded; weights.
OUTAGES: Mapping[OutageRecord | None, int] = {
    None: 83,
    OutageRecord.NOTHING_MISSED: 8,
    OutageRecord.COVERAGE: 5,
    OutageRecord.GAP_FRAME: 4,
}
#: Students of a class; weights.
STUDENTS: Mapping[int, int] = {1: 95, 2: 3, 3: 2}
#: Minutes.
LENGTHS = (15, 90)
SHORT_LENGTHS = (10, 14)
#: users.id is the class's number times this, plus the person's place in the class.
PEOPLE_PER_CLASS = 10


def draw(seed: int, number: int) -> ClassPlan:
    """Draw a class by its number; numbers start at 1."""
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
    """Return the random numbers for a person's telemetry."""
    return Random(f"{seed}:person:{person.user_id}")


def _place(seed: int, length: int, record: OutageRecord | None, random: Random) -> tuple[int, Outage | None]:
    """Return the start of the class and its outage."""
    if record in {OutageRecord.COVERAGE, OutageRecord.NOTHING_MISSED}:
        slot = calendar.slot(seed, random.randrange(calendar.SLOTS))
        starts_at = calendar.disturbed_start(slot, length, random)
        return starts_at, Outage(range=slot.outage.shifted(-starts_at), record=record)
    starts_at = calendar.undisturbed_start(length, random)
    return starts_at, _own_outage(length, random) if record is OutageRecord.GAP_FRAME else None


def _own_outage(length: int, random: Random) -> Outage:
    """Draw a time in which the class's own relay sees nothing."""
    lasts = calendar.outage_length(random)
    begins = random.randrange(MINUTE - lasts, length - MINUTE)
    return Outage(range=TimeRange(begins, begins + lasts), record=OutageRecord.GAP_FRAME)


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

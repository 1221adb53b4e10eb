"""Draws who takes part in a class: its size, which lists name whom, and what each person does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from benchmarks.evaluation.simulation.chance import evenly_by_logarithm, weighted
from benchmarks.evaluation.simulation.plan import (
    PERSONAL_FAULTS,
    Behaviour,
    Fault,
    PersonPlan,
    Place,
    Role,
    Situation,
)

#: Weights. Punctual people are the most frequent; all others are frequent enough to be counted.
BEHAVIOURS: Mapping[Behaviour, int] = {
    Behaviour.PUNCTUAL: 38,
    Behaviour.LATE: 14,
    Behaviour.VERY_LATE: 10,
    Behaviour.EARLY_LEAVER: 9,
    Behaviour.DROP_OUT: 8,
    Behaviour.NO_SHOW: 6,
    Behaviour.BRIEF_VISIT: 5,
    Behaviour.EARLY_JOINER: 4,
    Behaviour.OVERSTAYER: 4,
    Behaviour.WAITER: 2,
}
#: How many faults a person gets where there are any; weights.
FAULT_COUNTS: Mapping[int, int] = {0: 10, 1: 35, 2: 30, 3: 17, 4: 8}
#: Share of the classes with more than one student.
GROUP_SHARE = 0.06
#: Students of such a class; the logarithm is distributed evenly, so small ones are more frequent.
GROUP_SIZES = (2, 40)
#: users.id is the class's number times this, plus the person's place in the class.
PEOPLE_PER_CLASS = 100


def draw_people(number: int, situation: Situation, random: Random, *, is_clean: bool) -> tuple[PersonPlan, ...]:
    """Draw the people of a class."""
    size = evenly_by_logarithm(GROUP_SIZES, random) if random.random() < GROUP_SHARE else 1
    people = [_person(Role.TUTOR, random), *(_person(Role.STUDENT, random) for _ in range(size))]
    cast = _CASTS.get(situation)
    if cast is not None:
        people = cast(people, random)
    return tuple(
        replace(
            person, user_id=number * PEOPLE_PER_CLASS + place, faults=frozenset() if is_clean else draw_faults(random)
        )
        for place, person in enumerate(people)
    )


def draw_faults(random: Random) -> frozenset[Fault]:
    """Draw the faults of one person."""
    return frozenset(random.sample(PERSONAL_FAULTS, weighted(FAULT_COUNTS, random)))


def _person(role: Role, random: Random) -> PersonPlan:
    return PersonPlan(role=role, user_id=0, behaviour=weighted(BEHAVIOURS, random))


def _guest(random: Random) -> PersonPlan:
    coming = {behaviour: weight for behaviour, weight in BEHAVIOURS.items() if behaviour is not Behaviour.NO_SHOW}
    return PersonPlan(role=Role.STUDENT, user_id=0, behaviour=weighted(coming, random), place=Place.WHITEBOARD)


def _shut_out(person: PersonPlan) -> PersonPlan:
    """Return a person who can't come because the whiteboard's list does not name them."""
    return replace(person, place=Place.ROSTER, behaviour=Behaviour.NO_SHOW)


def _substitute(people: Sequence[PersonPlan], random: Random) -> list[PersonPlan]:
    other = replace(_person(Role.TUTOR, random), place=Place.WHITEBOARD)
    return [_shut_out(people[0]), *people[1:], other]


def _with_guest(people: Sequence[PersonPlan], random: Random) -> list[PersonPlan]:
    return [*people, _guest(random)]


def _not_on_whiteboard(people: Sequence[PersonPlan], random: Random) -> list[PersonPlan]:
    missing = random.randrange(len(people))
    changed = [_shut_out(person) if place == missing else person for place, person in enumerate(people)]
    if missing:
        return changed
    # A whiteboard always has a tutor.
    return [*changed, replace(people[0], place=Place.WHITEBOARD, behaviour=Behaviour.NO_SHOW)]


def _not_on_roster(people: Sequence[PersonPlan], random: Random) -> list[PersonPlan]:
    return [*people, replace(_guest(random), behaviour=Behaviour.NO_SHOW)]


def _taken_off(people: Sequence[PersonPlan], random: Random) -> list[PersonPlan]:
    chosen = random.randrange(1, len(people))
    return [
        replace(person, place=Place.TAKEN_OFF) if place == chosen else person for place, person in enumerate(people)
    ]


def _student_no_show(people: Sequence[PersonPlan], _random: Random) -> list[PersonPlan]:
    tutor, *students = people
    return [replace(tutor, behaviour=Behaviour.WAITER), *_absent(students)]


def _tutor_no_show(people: Sequence[PersonPlan], _random: Random) -> list[PersonPlan]:
    tutor, *students = people
    return [*_absent([tutor]), *(replace(student, behaviour=Behaviour.WAITER) for student in students)]


def _nobody(people: Sequence[PersonPlan], _random: Random) -> list[PersonPlan]:
    return _absent(people)


def _absent(people: Sequence[PersonPlan]) -> list[PersonPlan]:
    return [replace(person, behaviour=Behaviour.NO_SHOW) for person in people]


_CASTS = {
    Situation.SUBSTITUTE: _substitute,
    Situation.GUEST: _with_guest,
    Situation.NOT_ON_WHITEBOARD: _not_on_whiteboard,
    Situation.NOT_ON_ROSTER: _not_on_roster,
    Situation.TAKEN_OFF: _taken_off,
    Situation.STUDENT_NO_SHOW: _student_no_show,
    Situation.TUTOR_NO_SHOW: _tutor_no_show,
    Situation.NOBODY_COMES: _nobody,
}

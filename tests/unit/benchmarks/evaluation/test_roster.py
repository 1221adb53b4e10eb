from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from benchmarks.evaluation.simulation.plan import PERSONAL_FAULTS, Behaviour, PersonPlan, Place, Role, Situation
from benchmarks.evaluation.simulation.roster import draw_people

SEEDS = range(60)


def people_of(situation: Situation, seed: int, *, is_clean: bool = False) -> Sequence[PersonPlan]:
    return draw_people(7, situation, Random(seed), is_clean=is_clean)


def places(people: Sequence[PersonPlan]) -> list[Place]:
    return [person.place for person in people]


@pytest.mark.parametrize("situation", Situation)
def test_a_class_is_about_one_tutor_and_at_least_one_student(situation: Situation) -> None:
    for seed in SEEDS:
        people = people_of(situation, seed)
        judged = [person.role for person in people if person.is_judged]
        assert judged[0] is Role.TUTOR
        assert judged[1:] == [Role.STUDENT] * (len(judged) - 1) != []
        assert [person.user_id for person in people] == list(range(700, 700 + len(people)))


@pytest.mark.parametrize("situation", Situation)
def test_a_whiteboard_always_has_exactly_one_tutor(situation: Situation) -> None:
    for seed in SEEDS:
        named = [person for person in people_of(situation, seed) if person.place is not Place.ROSTER]
        assert [person.role for person in named].count(Role.TUTOR) == 1


@pytest.mark.parametrize("situation", Situation)
def test_one_whom_the_whiteboard_does_not_name_never_comes(situation: Situation) -> None:
    for seed in SEEDS:
        missing = [person for person in people_of(situation, seed) if person.place is Place.ROSTER]
        assert all(person.behaviour is Behaviour.NO_SHOW for person in missing)


def test_a_substitute_stands_on_the_whiteboard_for_the_enrolled_tutor() -> None:
    for seed in SEEDS:
        enrolled, *students, substitute = people_of(Situation.SUBSTITUTE, seed)
        assert (enrolled.place, substitute.place, substitute.role) == (Place.ROSTER, Place.WHITEBOARD, Role.TUTOR)
        assert set(places(students)) == {Place.BOTH}


def test_a_guest_is_a_student_on_the_whiteboard_only_who_comes() -> None:
    for seed in SEEDS:
        *others, guest = people_of(Situation.GUEST, seed)
        assert (guest.place, guest.role) == (Place.WHITEBOARD, Role.STUDENT)
        assert guest.behaviour is not Behaviour.NO_SHOW
        assert set(places(others)) == {Place.BOTH}


def test_one_who_is_not_on_the_roster_does_not_come() -> None:
    for seed in SEEDS:
        *others, stranger = people_of(Situation.NOT_ON_ROSTER, seed)
        assert (stranger.place, stranger.behaviour) == (Place.WHITEBOARD, Behaviour.NO_SHOW)
        assert set(places(others)) == {Place.BOTH}


def test_exactly_one_tutor_or_student_is_missing_on_the_whiteboard() -> None:
    missing = set()
    for seed in SEEDS:
        people = people_of(Situation.NOT_ON_WHITEBOARD, seed)
        [person] = [person for person in people if person.place is Place.ROSTER]
        missing.add(person.role)
    assert missing == {Role.TUTOR, Role.STUDENT}


def test_one_student_is_taken_off_afterwards() -> None:
    for seed in SEEDS:
        people = people_of(Situation.TAKEN_OFF, seed)
        assert [person.role for person in people if person.place is Place.TAKEN_OFF] == [Role.STUDENT]


def test_whoever_comes_waits_where_the_others_do_not_come() -> None:
    for seed in SEEDS:
        tutor, *students = people_of(Situation.STUDENT_NO_SHOW, seed)
        assert tutor.behaviour is Behaviour.WAITER
        assert {student.behaviour for student in students} == {Behaviour.NO_SHOW}
        tutor, *students = people_of(Situation.TUTOR_NO_SHOW, seed)
        assert tutor.behaviour is Behaviour.NO_SHOW
        assert {student.behaviour for student in students} == {Behaviour.WAITER}


def test_nobody_comes_where_nobody_is_to_come() -> None:
    for seed in SEEDS:
        people = people_of(Situation.NOBODY_COMES, seed)
        assert {person.behaviour for person in people} == {Behaviour.NO_SHOW}


def test_a_clean_class_has_no_faults_and_another_one_those_of_single_people() -> None:
    clean = [person for seed in SEEDS for person in people_of(Situation.ORDINARY, seed, is_clean=True)]
    other = [person for seed in SEEDS for person in people_of(Situation.ORDINARY, seed)]
    assert not any(person.faults for person in clean)
    assert {fault for person in other for fault in person.faults} == set(PERSONAL_FAULTS)

from __future__ import annotations

from benchmarks.evaluation.moments import MINUTE, Stretch
from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.drawing import draw
from benchmarks.evaluation.simulation.plan import Record
from benchmarks.evaluation.simulation.simulated import simulate
from benchmarks.evaluation.simulation.words import Behaviour, Fault

SEED = 7
PLANS = [draw(SEED, number) for number in range(1, 201)]
HOLES = [calendar.slot(SEED, number).uncovered for number in range(calendar.SLOTS)]
#: Long enough before and after a window for everybody who comes early or stays on.
AROUND = 20 * MINUTE


def around(start: int, length: int) -> Stretch:
    return Stretch(start - AROUND, start + length + AROUND)


def test_a_seed_and_a_number_always_make_the_same_class() -> None:
    assert simulate(SEED, draw(SEED, 12)) == simulate(SEED, draw(SEED, 12))


def test_another_seed_makes_another_class() -> None:
    assert draw(SEED, 12) != draw(SEED + 1, 12)


def test_every_class_begins_on_a_whole_minute_of_the_calendar() -> None:
    assert all(plan.starts_at % MINUTE == plan.length % MINUTE == 0 for plan in PLANS)
    assert all(plan.starts_at >= 0 and plan.starts_at + plan.length <= calendar.CALENDAR for plan in PLANS)


def test_a_class_that_meets_no_hole_in_the_coverage_is_far_from_all_of_them() -> None:
    for plan in PLANS:
        if plan.outage is None or plan.outage.record is Record.FRAME:
            assert not any(around(plan.starts_at, plan.length).overlap(hole) for hole in HOLES)


def test_a_class_that_meets_one_meets_no_other() -> None:
    for plan in PLANS:
        if plan.outage is not None and plan.outage.record in {Record.COVERAGE, Record.NOTHING_MISSED}:
            met = [hole for hole in HOLES if around(plan.starts_at, plan.length).overlap(hole)]
            assert [hole.end for hole in met] == [plan.outage.stretch.moved(plan.starts_at).end]


def test_the_window_of_a_class_meets_its_outage() -> None:
    outages = [(plan, plan.outage) for plan in PLANS if plan.outage is not None]
    assert all(plan.window.overlap(outage.stretch) for plan, outage in outages)


def test_everything_that_people_do_and_suffer_occurs() -> None:
    people = [person for plan in PLANS for person in simulate(SEED, plan).people]
    assert {person.plan.behaviour for person in people} == set(Behaviour)
    assert {fault for person in people for fault in person.faults} == set(Fault)
    assert any(not person.faults for person in people)
    assert {len(plan.people) for plan in PLANS} == {2, 3, 4}


def test_nobody_is_in_two_classes() -> None:
    users = [person.user_id for plan in PLANS for person in plan.people]
    assert len(users) == len(set(users))

from __future__ import annotations

from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.drawing import draw
from benchmarks.evaluation.simulation.plan import Behaviour, Fault, OutageRecord
from benchmarks.evaluation.simulation.simulate import simulate
from benchmarks.evaluation.time_ranges import MINUTE, TimeRange

SEED = 7
PLANS = [draw(SEED, number) for number in range(1, 201)]
GAPS = [calendar.slot(SEED, number).uncovered for number in range(calendar.SLOTS)]
#: Before and after a window, for people who connect early or leave late.
MARGIN = 20 * MINUTE


def with_margin(start: int, length: int) -> TimeRange:
    return TimeRange(start - MARGIN, start + length + MARGIN)


def test_a_seed_and_a_number_always_make_the_same_class() -> None:
    assert simulate(SEED, draw(SEED, 12)) == simulate(SEED, draw(SEED, 12))


def test_another_seed_makes_another_class() -> None:
    assert draw(SEED, 12) != draw(SEED + 1, 12)


def test_every_class_begins_on_a_whole_minute_of_the_calendar() -> None:
    assert all(plan.starts_at % MINUTE == plan.length % MINUTE == 0 for plan in PLANS)
    assert all(plan.starts_at >= 0 and plan.starts_at + plan.length <= calendar.CALENDAR for plan in PLANS)


def test_a_class_without_a_coverage_gap_is_far_from_all_of_them() -> None:
    for plan in PLANS:
        if plan.outage is None or plan.outage.record is OutageRecord.GAP_FRAME:
            assert not any(with_margin(plan.starts_at, plan.length).overlap(gap) for gap in GAPS)


def test_a_class_with_a_coverage_gap_is_far_from_all_others() -> None:
    for plan in PLANS:
        if plan.outage is not None and plan.outage.record in {OutageRecord.COVERAGE, OutageRecord.NOTHING_MISSED}:
            met = [gap for gap in GAPS if with_margin(plan.starts_at, plan.length).overlap(gap)]
            assert [gap.end for gap in met] == [plan.outage.range.shifted(plan.starts_at).end]


def test_the_window_of_a_class_overlaps_with_its_outage() -> None:
    outages = [(plan, plan.outage) for plan in PLANS if plan.outage is not None]
    assert all(plan.window.overlap(outage.range) for plan, outage in outages)


def test_every_behaviour_and_every_fault_occurs() -> None:
    people = [person for plan in PLANS for person in simulate(SEED, plan).people]
    assert {person.plan.behaviour for person in people} == set(Behaviour)
    assert {fault for person in people for fault in person.faults} == set(Fault)
    assert any(not person.faults for person in people)
    assert {len(plan.people) for plan in PLANS} == {2, 3, 4}


def test_no_person_is_in_two_classes() -> None:
    users = [person.user_id for plan in PLANS for person in plan.people]
    assert len(users) == len(set(users))

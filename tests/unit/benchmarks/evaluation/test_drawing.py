from __future__ import annotations

from dataclasses import replace

from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.drawing import draw
from benchmarks.evaluation.simulation.plan import Behaviour, Fault, Outage, OutageRecord, Situation
from benchmarks.evaluation.simulation.simulate import simulate
from benchmarks.evaluation.time_ranges import MINUTE, TimeRange

SEED = 7
PLANS = [draw(SEED, number) for number in range(1, 301)]
GAPS = [calendar.slot(SEED, number).uncovered for number in range(calendar.SLOTS)]
#: Before and after a window, for people who connect early or leave late.
MARGIN = 55 * MINUTE
IN_SLOTS = {OutageRecord.COVERAGE, OutageRecord.NOTHING_MISSED, OutageRecord.TRACKING_FROZEN}


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
        if plan.outage is None or plan.outage.record not in IN_SLOTS:
            assert not any(with_margin(plan.starts_at, plan.length).overlap(gap) for gap in GAPS)


def test_a_class_with_a_coverage_gap_is_far_from_all_others() -> None:
    for plan in PLANS:
        if plan.outage is not None and plan.outage.record in IN_SLOTS:
            met = [gap for gap in GAPS if with_margin(plan.starts_at, plan.length).overlap(gap)]
            assert [gap.end for gap in met] == [plan.outage.range.shifted(plan.starts_at).end]


def test_the_window_of_a_class_overlaps_with_its_outage() -> None:
    outages = [(plan, plan.outage) for plan in PLANS if plan.outage is not None]
    assert all(plan.window.overlap(outage.range) for plan, outage in outages)


def test_every_behaviour_situation_and_fault_occurs() -> None:
    classes = [simulate(SEED, plan) for plan in PLANS]
    people = [person for simulated in classes for person in simulated.people]
    assert {person.plan.behaviour for person in people} == set(Behaviour)
    assert {plan.situation for plan in PLANS} == set(Situation)
    assert {fault for person in people for fault in person.faults} == set(Fault)
    assert any(not person.faults for person in people)


def test_classes_have_one_to_forty_students() -> None:
    sizes = {draw(SEED, number).size for number in range(1, 2001)}
    assert min(sizes) == 1
    assert 2 in sizes
    assert 35 < max(sizes) <= 40


def test_a_shifted_lesson_is_held_ten_to_sixty_minutes_earlier_or_later() -> None:
    shifts = [plan.shift for plan in PLANS if plan.situation is Situation.SHIFTED]
    assert all(10 * MINUTE <= abs(shift) <= 60 * MINUTE for shift in shifts)
    assert min(shifts) < 0 < max(shifts)
    assert not any(plan.shift for plan in PLANS if plan.situation is not Situation.SHIFTED)


def test_people_of_a_shifted_lesson_are_there_as_much_later() -> None:
    plan = next(plan for plan in PLANS if plan.situation is Situation.SHIFTED and plan.shift > 0)
    shifted, unshifted = simulate(SEED, plan), simulate(SEED, replace(plan, shift=0))
    for after, before in zip(shifted.people, unshifted.people, strict=True):
        assert after.truth == tuple(time.shifted(plan.shift) for time in before.truth)


def test_a_clock_that_is_off_changes_nothing_but_the_times_that_are_reported() -> None:
    plan = next(plan for plan in PLANS if plan.clock_offset)
    assert plan.faults >= {Fault.RELAY_CLOCK}
    right = simulate(SEED, replace(plan, clock_offset=0))
    assert [person.truth for person in simulate(SEED, plan).people] == [person.truth for person in right.people]


def test_a_stopped_presence_socket_stands_still_for_seconds_up_to_five_minutes() -> None:
    outages: list[Outage] = [plan.outage for plan in PLANS if plan.outage is not None]
    lengths = [outage.range.length for outage in outages if outage.record is OutageRecord.SOCKET_FROZEN]
    assert lengths
    assert all(7_000 <= length <= 5 * MINUTE for length in lengths)


def test_no_person_is_in_two_classes() -> None:
    users = [person.user_id for plan in PLANS for person in plan.people]
    assert len(users) == len(set(users))

from __future__ import annotations

from benchmarks.evaluation import scoring
from benchmarks.evaluation.reviewer import Confidence, Mark
from benchmarks.evaluation.scoring import Count, Judged, replaced, service
from benchmarks.evaluation.simulation.plan import Fault
from benchmarks.evaluation.tables import goals, render
from tests.unit.benchmarks.evaluation.examples import judged

RIGHT = judged()
WRONG = judged(Mark.LATE, Mark.PRESENT, Confidence.LOW, number=2, faults=frozenset({Fault.BLIPS}))


def met(*people: Judged) -> list[bool]:
    return [check.is_met for check in goals(people)]


def test_both_systems_are_counted_on_the_same_people() -> None:
    assert scoring.count([RIGHT, WRONG], service) == Count(right=1, all=2)
    assert scoring.count([RIGHT, WRONG], replaced) == Count(right=0, all=2)


def test_the_percentage_of_an_empty_group_is_100() -> None:
    assert Count(0, 0).percentage == 100


def test_a_person_with_one_fault_has_it_alone() -> None:
    both = judged(faults=frozenset({Fault.BLIPS, Fault.RELOADS}))
    assert scoring.with_fault([RIGHT, WRONG, both], Fault.BLIPS) == [WRONG, both]
    assert scoring.with_fault_alone([RIGHT, WRONG, both], Fault.BLIPS) == [WRONG]


def test_errors_of_high_confidence_come_first_and_borderline_ones_last() -> None:
    sure = judged(Mark.LATE, number=3, is_borderline=True)
    borderline = judged(Mark.LATE, confidence=Confidence.MEDIUM, number=1, is_borderline=True)
    assert scoring.misjudged([RIGHT, borderline, WRONG, sure]) == [sure, WRONG, borderline]


def test_every_goal_is_met_where_nothing_is_wrong() -> None:
    assert met(RIGHT) == [True] * 6


def test_a_clean_role_that_is_misjudged_misses_the_goal_of_clean_roles() -> None:
    wrong = judged(Mark.LATE, confidence=Confidence.LOW, is_borderline=True)
    assert met(*[RIGHT] * 999, wrong) == [True, False, True, True, True, True]


def test_an_error_of_high_confidence_misses_its_goal() -> None:
    assert met(*[RIGHT] * 900, judged(Mark.LATE, faults=frozenset({Fault.BLIPS})))[3] is False


def test_one_fault_under_its_limit_misses_both_goals_of_faults() -> None:
    assert met(*[RIGHT] * 900, WRONG) == [True, True, True, True, False, False]


def test_a_fault_that_is_only_wrong_among_others_misses_only_the_goal_of_mixes() -> None:
    mixed = judged(Mark.LATE, confidence=Confidence.LOW, faults=frozenset({Fault.BLIPS, Fault.RELOADS}))
    assert met(*[RIGHT] * 900, mixed) == [True, True, True, True, True, False]


def test_missed_goals_are_counted_in_a_line() -> None:
    assert "2 of 6 goals are missed." in render([*[RIGHT] * 900, WRONG])
    assert "All goals are met." in render([RIGHT])

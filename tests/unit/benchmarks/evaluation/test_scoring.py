from __future__ import annotations

from benchmarks.evaluation.review.marks import Confidence, Mark
from benchmarks.evaluation.scoring import counting
from benchmarks.evaluation.scoring.counting import Count
from benchmarks.evaluation.scoring.goals import checks
from benchmarks.evaluation.scoring.judged import Judged, old, ours
from benchmarks.evaluation.scoring.tables import rendered
from benchmarks.evaluation.simulation.words import Fault
from tests.unit.benchmarks.evaluation.build import judged

RIGHT = judged()
WRONG = judged(Mark.LATE, Mark.PRESENT, Confidence.LOW, number=2, faults=frozenset({Fault.BLIPS}))


def met(*people: Judged) -> list[bool]:
    return [check.is_met for check in checks(people)]


def test_both_ways_are_counted_on_the_same_people() -> None:
    assert counting.count([RIGHT, WRONG], ours) == Count(right=1, all=2)
    assert counting.count([RIGHT, WRONG], old) == Count(right=0, all=2)


def test_of_nobody_all_are_right() -> None:
    assert Count(0, 0).percentage == 100


def test_somebody_struck_by_one_fault_was_struck_alone() -> None:
    both = judged(faults=frozenset({Fault.BLIPS, Fault.RELOADS}))
    assert counting.struck([RIGHT, WRONG, both], Fault.BLIPS) == [WRONG, both]
    assert counting.struck_alone([RIGHT, WRONG, both], Fault.BLIPS) == [WRONG]


def test_errors_of_high_confidence_are_named_first_and_borderline_ones_last() -> None:
    sure = judged(Mark.LATE, number=3, is_borderline=True)
    borderline = judged(Mark.LATE, confidence=Confidence.MEDIUM, number=1, is_borderline=True)
    assert counting.misjudged([RIGHT, borderline, WRONG, sure]) == [sure, WRONG, borderline]


def test_every_goal_is_met_where_nothing_is_wrong() -> None:
    assert met(RIGHT) == [True] * 6


def test_a_clean_role_that_is_misjudged_misses_the_goal_of_clean_roles() -> None:
    wrong = judged(Mark.LATE, confidence=Confidence.LOW, is_borderline=True)
    assert met(*[RIGHT] * 999, wrong) == [True, False, True, True, True, True]


def test_an_error_of_high_confidence_misses_its_goal() -> None:
    assert met(*[RIGHT] * 900, judged(Mark.LATE, faults=frozenset({Fault.BLIPS})))[3] is False


def test_one_fault_under_its_limit_misses_the_goal_of_faults() -> None:
    assert met(*[RIGHT] * 900, WRONG) == [True, True, True, True, False, False]


def test_a_fault_that_is_only_wrong_among_others_misses_only_the_goal_of_mixes() -> None:
    mixed = judged(Mark.LATE, confidence=Confidence.LOW, faults=frozenset({Fault.BLIPS, Fault.RELOADS}))
    assert met(*[RIGHT] * 900, mixed) == [True, True, True, True, True, False]


def test_a_missed_goal_is_told_in_a_line() -> None:
    assert "2 of 6 goals are missed." in rendered([*[RIGHT] * 900, WRONG])
    assert "All goals are met." in rendered([RIGHT])

from __future__ import annotations

from benchmarks.evaluation import scoring
from benchmarks.evaluation.goals import goals
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.reviewer.doubts import Doubt
from benchmarks.evaluation.reviewer.marks import Confidence, Mark
from benchmarks.evaluation.scoring import Count, Judged, replaced, service
from benchmarks.evaluation.simulation.plan import Fault
from benchmarks.evaluation.tables import render
from tests.unit.benchmarks.evaluation.examples import judged

RIGHT = judged()
WRONG = judged(Mark.LATE, Mark.PRESENT, Confidence.LOW, number=2, faults=frozenset({Fault.BLIPS}))


def missed(*people: Judged) -> set[str]:
    """Return the goals that are missed, without their numbers and details."""
    goals_missed = (check.goal for check in goals(Results(people=people)) if not check.is_met)
    return {goal.partition(" >=")[0].partition(" <=")[0].partition(" (")[0] for goal in goals_missed}


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
    assert missed(RIGHT) == set()


def test_a_clean_person_who_is_misjudged_misses_the_goal_of_clean_people() -> None:
    wrong = judged(Mark.LATE, confidence=Confidence.LOW, is_borderline=True)
    assert missed(*[RIGHT] * 999, wrong) == {"right, of clean people"}


def test_an_error_of_high_confidence_misses_its_goal() -> None:
    sure = judged(Mark.LATE, faults=frozenset({Fault.BLIPS}), is_borderline=True)
    assert missed(*[RIGHT] * 900, sure) == {"wrong with high confidence"}


def test_high_confidence_in_spite_of_a_doubt_misses_its_goal() -> None:
    assert missed(*[RIGHT] * 900, judged(doubts={Doubt.CLOCK})) == {"sure where there is a doubt"}


def test_one_of_whom_nobody_can_know_has_to_have_low_confidence() -> None:
    assert missed(judged(None, confidence=Confidence.LOW, is_decidable=False)) == set()
    assert '"cannot know" where nobody can' in "".join(
        missed(*[RIGHT] * 900, judged(None, confidence=Confidence.MEDIUM, is_decidable=False))
    )


def test_what_could_not_be_observed_is_not_decidable() -> None:
    hidden = judged(Mark.LATE, confidence=Confidence.LOW, is_decidable=False, faults=frozenset({Fault.OUTAGE_LOST}))
    assert missed(*[RIGHT] * 900, hidden) == set()
    assert scoring.decidable([RIGHT, hidden]) == [RIGHT]


def test_one_fault_under_its_limit_misses_both_goals_of_faults() -> None:
    assert missed(*[RIGHT] * 900, WRONG) == {
        "right, with the worst fault alone",
        "right, with the worst fault among others",
    }


def test_a_fault_that_is_only_wrong_among_others_misses_only_the_goal_of_mixes() -> None:
    mixed = judged(Mark.LATE, confidence=Confidence.LOW, faults=frozenset({Fault.BLIPS, Fault.RELOADS}))
    assert missed(*[RIGHT] * 900, mixed) == {"right, with the worst fault among others"}


def test_a_mix_of_two_faults_counts_if_enough_people_have_it() -> None:
    both = frozenset({Fault.BLIPS, Fault.RELOADS})
    people = [judged(faults=both)] * 296 + [judged(Mark.LATE, confidence=Confidence.LOW, faults=both)] * 5
    assert "right, with the worst mix of two faults" in missed(*[RIGHT] * 9000, *people)
    assert "right, with the worst mix of two faults" not in missed(*[RIGHT] * 9000, *people[2:])


def test_missed_goals_are_counted_in_a_line() -> None:
    assert "2 of 12 goals are missed." in render(Results(people=[*[RIGHT] * 900, WRONG]), 5)
    assert "All goals are met." in render(Results(people=[RIGHT]), 5)


def test_who_is_misjudged_is_listed_with_what_replays_them() -> None:
    assert 'make evaluate ARGS="--seed 5 --replay 2"' in render(Results(people=[RIGHT, WRONG]), 5)

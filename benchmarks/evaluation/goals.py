"""The goals of an evaluation, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from benchmarks.evaluation import classes, outcomes, scoring
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.reviewer.marks import Confidence
from benchmarks.evaluation.scoring import Count, Judged, count, service, tally
from benchmarks.evaluation.simulation.plan import Fault
from benchmarks.report import Check, at_least, at_most

#: In percent.
_MIN_RIGHT_DECIDABLE = 99.7
_MIN_RIGHT_CLEAN = 100.0
_MIN_RIGHT = 99.0
_MAX_WRONG_AND_SURE = 0.05
_MAX_TOO_SURE = 0.05
_MIN_RIGHT_PER_FAULT = 98.5
_MIN_RIGHT_OUTCOMES = 99.5
_DIGITS = 2
#: Of a mix of two faults that fewer people have, one or two of them are more than the goal allows.
_MIN_PEOPLE_OF_MIX = 300


def goals(results: Results) -> list[Check]:
    """Compare with every goal; a group without members counts as all right."""
    judged = results.people
    high = scoring.with_confidence(judged, service, Confidence.HIGH)
    doubted = [one for one in judged if one.expected.review.doubts or one.expected.review.mark is None]
    unknown = [one for one in judged if one.expected.review.mark is None]
    return [
        _min_right("of decidable people", count(scoring.decidable(judged), service), _MIN_RIGHT_DECIDABLE),
        _min_right("of clean people", count(scoring.clean(judged), service), _MIN_RIGHT_CLEAN),
        _min_right("of all people", count(judged, service), _MIN_RIGHT),
        _min_right('"cannot know" where nobody can', count(unknown, service), _MIN_RIGHT_CLEAN),
        _max_wrong("wrong with high confidence", count(high, service), _MAX_WRONG_AND_SURE),
        _max_wrong(
            "sure where there is a doubt", tally(not scoring.is_too_sure(one) for one in doubted), _MAX_TOO_SURE
        ),
        _worst_fault("alone", scoring.with_fault_alone, judged),
        _worst_fault("among others", scoring.with_fault, judged),
        _worst_mix(judged),
        *_goals_of_lessons(results),
    ]


def _goals_of_lessons(results: Results) -> Iterator[Check]:
    right = outcomes.count_outcomes(outcomes.decidable(results.lessons))
    yield _min_right("outcomes of decidable lessons", right, _MIN_RIGHT_OUTCOMES)
    minutes = tally(one.has_right_overlap for one in outcomes.clean(results.lessons))
    yield _min_right("minutes together in clean lessons", minutes, _MIN_RIGHT_CLEAN)
    too_sure = tally(not one.is_too_sure for one in classes.differing(results.classes))
    yield _max_wrong("classes of students who differ, and sure", too_sure, _MAX_TOO_SURE)


def mixes(judged: Sequence[Judged]) -> Iterator[tuple[frozenset[Fault], list[Judged]]]:
    """Yield each pair of faults with the decidable people who have both, and maybe others."""
    people = scoring.decidable(judged)
    by_fault = {fault: scoring.with_fault(people, fault) for fault in Fault}
    for first, second in combinations(Fault, 2):
        having = scoring.with_fault(by_fault[first], second)
        if having:
            yield frozenset({first, second}), having


def _worst_fault(
    how: str, select: Callable[[Sequence[Judged], Fault], list[Judged]], judged: Sequence[Judged]
) -> Check:
    people = scoring.decidable(judged)
    counts = {fault: count(select(people, fault), service) for fault in Fault}
    worst = min(counts, key=lambda fault: counts[fault].percentage)
    return _min_right(f"with the worst fault {how} ({worst})", counts[worst], _MIN_RIGHT_PER_FAULT)


def _worst_mix(judged: Sequence[Judged]) -> Check:
    counts = {pair: count(having, service) for pair, having in mixes(judged) if len(having) >= _MIN_PEOPLE_OF_MIX}
    worst = min(counts, key=lambda pair: counts[pair].percentage, default=None)
    if worst is None:
        return _min_right("with the worst mix of two faults", Count(0, 0), _MIN_RIGHT_PER_FAULT)
    name = " + ".join(sorted(worst))
    return _min_right(f"with the worst mix of two faults ({name})", counts[worst], _MIN_RIGHT_PER_FAULT)


def _min_right(what: str, counted: Count, goal: float) -> Check:
    return at_least(f"right, {what}", counted.percentage, goal, unit=" %", digits=_DIGITS)


def _max_wrong(what: str, counted: Count, goal: float) -> Check:
    return at_most(what, counted.wrong_percentage, goal, unit=" %", digits=_DIGITS)

"""What the service is to reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.evaluation.review.marks import Confidence
from benchmarks.evaluation.scoring.counting import Count, clean, clear, confident, count, struck, struck_alone
from benchmarks.evaluation.scoring.judged import Judged, ours
from benchmarks.evaluation.simulation.words import Fault
from benchmarks.report import Check, at_least, at_most

_CLEAR = 99.5
_CLEAN = 100.0
_ALL = 99.0
_WRONG_BUT_SURE = 0.1
_EACH_FAULT = 98.5
_DIGITS = 2


def checks(judged: Sequence[Judged]) -> list[Check]:
    """Compare with every goal; of nobody, all are right."""
    wrong_but_sure = count(confident(judged, ours, Confidence.HIGH), ours).wrong_percentage
    return [
        _right("without borderline roles", count(clear(judged), ours), _CLEAR),
        _right("clean roles", count(clean(judged), ours), _CLEAN),
        _right("all roles", count(judged, ours), _ALL),
        at_most("wrong with high confidence", wrong_but_sure, _WRONG_BUT_SURE, unit=" %", digits=_DIGITS),
        _worst_fault("alone", struck_alone, judged),
        _worst_fault("in any mix", struck, judged),
    ]


def _worst_fault(how: str, those: Callable[[Sequence[Judged], Fault], list[Judged]], judged: Sequence[Judged]) -> Check:
    """Compare the fault that is judged worst, without borderline roles."""
    counts = {fault: count(clear(those(judged, fault)), ours) for fault in Fault}
    worst = min(counts, key=lambda fault: counts[fault].percentage)
    return _right(f"worst fault {how} ({worst})", counts[worst], _EACH_FAULT)


def _right(what: str, counted: Count, goal: float) -> Check:
    return at_least(f"right, {what}", counted.percentage, goal, unit=" %", digits=_DIGITS)

"""What the service is to reach."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.evaluation.review.marks import Confidence
from benchmarks.evaluation.scoring.counting import clean, clear, confident, count, struck
from benchmarks.evaluation.scoring.judged import Judged, ours
from benchmarks.evaluation.simulation.words import Fault
from benchmarks.report import Check, at_least, at_most

_CLEAR = 99.5
_CLEAN = 100.0
_ALL = 99.0
_WRONG_WITH_HIGH_CONFIDENCE = 0.1
_EACH_FAULT = 98.5
_DIGITS = 2


def checks(judged: Sequence[Judged]) -> list[Check]:
    """Compare with every goal; of nobody, all are right."""
    sure = count(confident(judged, ours, Confidence.HIGH), ours)
    worst = min(Fault, key=lambda fault: _of_fault(judged, fault))
    return [
        at_least(
            "right, without borderline roles", count(clear(judged), ours).percentage, _CLEAR, unit=" %", digits=_DIGITS
        ),
        at_least("right, clean roles", count(clean(judged), ours).percentage, _CLEAN, unit=" %", digits=_DIGITS),
        at_least("right, all roles", count(judged, ours).percentage, _ALL, unit=" %", digits=_DIGITS),
        at_most(
            "wrong with high confidence", sure.wrong_percentage, _WRONG_WITH_HIGH_CONFIDENCE, unit=" %", digits=_DIGITS
        ),
        at_least(f"right, worst fault ({worst})", _of_fault(judged, worst), _EACH_FAULT, unit=" %", digits=_DIGITS),
    ]


def _of_fault(judged: Sequence[Judged], fault: Fault) -> float:
    return count(clear(struck(judged, fault)), ours).percentage

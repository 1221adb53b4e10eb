"""Counts of right and wrong suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from benchmarks.evaluation.review.marks import Confidence
from benchmarks.evaluation.scoring.judged import Judged, Way, is_right, ours
from benchmarks.evaluation.simulation.words import Fault

Selection = Callable[[Judged], bool]

_PERCENT = 100.0


class Count(NamedTuple):
    """Of some suggestions."""

    right: int
    all: int

    @property
    def wrong(self) -> int:
        """How many are wrong."""
        return self.all - self.right

    @property
    def percentage(self) -> float:
        """How many of them are right; of none, all are."""
        return _PERCENT * self.right / self.all if self.all else _PERCENT

    @property
    def wrong_percentage(self) -> float:
        """How many of them are wrong."""
        return _PERCENT * self.wrong / self.all if self.all else 0.0


def count(judged: Iterable[Judged], way: Way) -> Count:
    """Count one way's suggestions."""
    found = [is_right(one, way) for one in judged]
    return Count(right=sum(found), all=len(found))


def clear(judged: Iterable[Judged]) -> list[Judged]:
    """Return those that are not borderline."""
    return [one for one in judged if not one.expected.review.is_borderline]


def clean(judged: Iterable[Judged]) -> list[Judged]:
    """Return those of whom nothing went wrong."""
    return [one for one in judged if not one.expected.faults]


def struck(judged: Iterable[Judged], fault: Fault) -> list[Judged]:
    """Return those whom a fault struck, alone or among others."""
    return [one for one in judged if fault in one.expected.faults]


def struck_alone(judged: Iterable[Judged], fault: Fault) -> list[Judged]:
    """Return those whom a fault struck and nothing else."""
    return [one for one in judged if one.expected.faults == {fault}]


def confident(judged: Iterable[Judged], way: Way, confidence: Confidence) -> list[Judged]:
    """Return those of whom one way is so sure."""
    return [one for one in judged if way(one).confidence is confidence]


def misjudged(judged: Sequence[Judged]) -> list[Judged]:
    """Return those whom the service misjudges: errors of high confidence first, then clear ones, the surest first."""
    return sorted(
        (one for one in judged if not is_right(one, ours)),
        key=lambda one: (
            one.ours.confidence is not Confidence.HIGH,
            one.expected.review.is_borderline,
            list(Confidence).index(one.ours.confidence),
            one.expected.number,
        ),
    )

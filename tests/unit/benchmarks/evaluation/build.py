"""Pieces of evaluations, for tests."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.review.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.review.reviewer import Review
from benchmarks.evaluation.scoring.judged import Expected, Judged
from benchmarks.evaluation.simulation.delivery import Telemetry
from benchmarks.evaluation.simulation.signals import Signal
from benchmarks.evaluation.simulation.words import Behaviour, Fault, Kind, Role

HOUR_LONG = Stretch(0, 60 * MINUTE)
ALL_FAULTS = frozenset(Fault)


def minutes(start: float, end: float) -> Stretch:
    return Stretch(round(start * MINUTE), round(end * MINUTE))


def beats(start: float, end: float) -> list[Signal]:
    """Return a connect, a heartbeat each 15 s, and a disconnect; moments in minutes."""
    stretch = minutes(start, end)
    moments = range(stretch.start + 15 * SECOND, stretch.end, 15 * SECOND)
    return [
        Signal(stretch.start, Kind.CONNECT, "a0"),
        *(Signal(moment, Kind.HEARTBEAT, "a0") for moment in moments),
        Signal(stretch.end, Kind.DISCONNECT, "a0"),
    ]


def at_once(signals: Iterable[Signal]) -> list[Telemetry]:
    """Return signals that come in when they happen."""
    return [Telemetry(at, at, kind, connection_id) for at, kind, connection_id in signals]


def judged(
    mark: Mark = Mark.PRESENT,
    suggested: Mark = Mark.PRESENT,
    confidence: Confidence = Confidence.HIGH,
    *,
    number: int = 1,
    faults: frozenset[Fault] = frozenset(),
    is_borderline: bool = False,
) -> Judged:
    """Return one person; the old way calls everybody absent, with high confidence."""
    return Judged(
        expected=Expected(
            number=number,
            user_id=number * 10,
            role=Role.TUTOR,
            behaviour=Behaviour.PUNCTUAL,
            faults=faults,
            review=Review(mark=mark, is_borderline=is_borderline),
            old=Verdict(Mark.ABSENT, Confidence.HIGH),
        ),
        ours=Verdict(suggested, confidence),
    )

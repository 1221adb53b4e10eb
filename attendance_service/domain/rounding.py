"""Numbers as they are shown: rounded down to one decimal, so that none contradicts what was decided (DESIGN 7)."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


def shown_minutes(duration: timedelta) -> float:
    """Return minutes, rounded down to one decimal."""
    return (duration * 10 // _MINUTE) / 10


def shown_seconds(duration: timedelta) -> int:
    """Return whole seconds, rounded down."""
    return duration // _SECOND


def shown_percentage(percentage: Fraction) -> float:
    """Return percent, rounded down to one decimal."""
    return (percentage * 10 // 1) / 10


def in_words(number: float) -> str:
    """Return a number of at most one decimal as people write it: 7, not 7.0."""
    return f"{number:.1f}".removesuffix(".0")


def percentage_of(part: timedelta, whole: timedelta) -> Fraction:
    """Return the share of `part` in `whole` in percent, exactly; 0 of nothing."""
    microsecond = timedelta(microseconds=1)
    return Fraction(part // microsecond * 100, whole // microsecond) if whole else Fraction(0)

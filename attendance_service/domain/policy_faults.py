"""Which limits make sense together: the rule table must stay monotone.

More presence never means a worse status, a later arrival never a better one, and no absence is suggested where most of
the window was not seen (DESIGN 5.7 and 7). Property tests hold the table to that for all limits without a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from attendance_service.domain.limits import Limits
from servicekit.errors import FieldViolation

#: Nothing on a schedule is longer.
_LONGEST = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta()
#: More reconnects than a lesson has minutes: such a limit is never reached.
_MOST_RECONNECTS = 1000
#: Beyond half, an absence would be concluded from the smaller part of the window.
_MOST_UNKNOWN_PERCENT = 50
_WHOLE_PERCENT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class _Range:
    """What one limit may be; both ends included."""

    field: str
    value: float
    least: float
    most: float
    #: Which other limit sets an end, for people.
    because: str = ""

    @property
    def fault(self) -> FieldViolation | None:
        """What is wrong with it, with what to send instead; None: nothing."""
        # An empty range comes of another limit that is at fault itself, and is told.
        if self.least <= self.value <= self.most or self.least > self.most:
            return None
        return FieldViolation(self.field, f"must be {self.least:g} to {self.most:g}{self.because}")


def policy_faults(limits: Limits) -> tuple[FieldViolation, ...]:
    """Return everything that keeps these limits from being a policy, by field of PolicyLimits; empty: nothing."""
    ranges = (*_lateness(limits), *_engagement(limits), *_observation(limits), *_doubts(limits))
    return tuple(fault for limit in ranges if (fault := limit.fault) is not None)


def _lateness(limits: Limits) -> Iterator[_Range]:
    yield _duration("very_late_after", limits.very_late_after, _SECOND, _LONGEST)
    latest = limits.very_late_after - _SECOND
    yield _duration("late_from", limits.late_from, _SECOND, latest, ": less than very_late_after_seconds")
    yield _duration("lateness_margin", limits.lateness_margin, _NONE, limits.late_from, ": at most late_from_seconds")


def _engagement(limits: Limits) -> Iterator[_Range]:
    absent, high = limits.absent_below_percent, limits.high_engagement_from_percent
    at_most, at_least = ": at most absent_below_percent", ": at least absent_below_percent"
    between = f"{at_least} and at most high_engagement_from_percent"
    yield _Range(field="absent_below_percent", value=absent, least=1, most=_WHOLE_PERCENT)
    yield _Range(
        field="clearly_absent_below_percent",
        value=limits.clearly_absent_below_percent,
        least=0,
        most=absent,
        because=at_most,
    )
    yield _Range(
        field="very_late_absent_below_percent",
        value=limits.very_late_absent_below_percent,
        least=absent,
        most=_WHOLE_PERCENT,
        because=at_least,
    )
    yield _Range(field="high_engagement_from_percent", value=high, least=absent, most=_WHOLE_PERCENT, because=at_least)
    yield _Range(
        field="medium_engagement_from_percent",
        value=limits.medium_engagement_from_percent,
        least=absent,
        most=high,
        because=between,
    )
    yield _Range(
        field="engagement_margin_points",
        value=limits.engagement_margin_points,
        least=0,
        most=absent,
        because=at_most,
    )


def _observation(limits: Limits) -> Iterator[_Range]:
    yield _Range(
        field="cannot_know_above_percent",
        value=limits.cannot_know_above_percent,
        least=0,
        most=_MOST_UNKNOWN_PERCENT,
        because=": absence is never suggested where most of the window was not seen",
    )
    yield _Range(field="unobserved_above_percent", value=limits.unobserved_above_percent, least=0, most=_WHOLE_PERCENT)


def _doubts(limits: Limits) -> Iterator[_Range]:
    yield _duration("short_window_below", limits.short_window_below, _NONE, _LONGEST)
    yield _Range(field="many_reconnects_from", value=limits.many_reconnects_from, least=1, most=_MOST_RECONNECTS)


def _duration(name: str, value: timedelta, least: timedelta, most: timedelta, because: str = "") -> _Range:
    return _Range(
        field=f"{name}_seconds",
        value=value.total_seconds(),
        least=least.total_seconds(),
        most=most.total_seconds(),
        because=because,
    )

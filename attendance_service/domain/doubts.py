"""What lowers confidence in a judgement (DESIGN 7): one step each, or all the way down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from attendance_service.domain.limits import Limits
from attendance_service.domain.measurement import Measurement, Standing
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.rules import first_that_fits
from attendance_service.domain.vocabulary import AttendanceStatus

#: The nearest moment on the other side of a limit: presence is recorded in microseconds.
_MOMENT = timedelta(microseconds=1)
#: Just below a limit of engagement, in points: far less than any two limits lie apart.
_TRIFLE = Fraction(1, 1_000_000)


def doubts(measurement: Measurement, limits: Limits) -> Iterator[tuple[ReasonCode, ...]]:
    """Yield the reasons of each doubt that costs one step of confidence."""
    if measurement.scheduled.length < limits.short_window_below:
        yield (ReasonCode.SHORT_WINDOW,)
    if measurement.reconnects >= limits.many_reconnects_from:
        yield (ReasonCode.MANY_RECONNECTS,)
    if near := near_limits(measurement.standing, limits):
        yield near
    if measurement.unobserved_percentage > limits.unobserved_above_percent:
        yield (ReasonCode.PARTLY_UNOBSERVED,)


def near_limits(standing: Standing, limits: Limits) -> tuple[ReasonCode, ...]:
    """Return which limits are so near that crossing one would change the status."""
    status = _status(standing, limits)
    across = {
        ReasonCode.NEAR_LATENESS_LIMIT: _across_lateness_limits(standing, limits),
        ReasonCode.NEAR_ENGAGEMENT_LIMIT: _across_engagement_limits(standing, limits),
    }
    return tuple(code for code, others in across.items() if any(_status(it, limits) is not status for it in others))


def arrival_doubt(measurement: Measurement, limits: Limits) -> ReasonCode | None:
    """Return what is to be said about an arrival that nobody saw; None if it was seen, or changes nothing."""
    if measurement.at_the_latest == measurement.standing:
        return None
    if _status(measurement.at_the_latest, limits) is _status(measurement.standing, limits):
        return ReasonCode.ARRIVAL_ASSUMED
    return ReasonCode.ARRIVAL_DECISIVE


def _status(standing: Standing, limits: Limits) -> AttendanceStatus:
    return first_that_fits(standing, limits).status


def _across_lateness_limits(standing: Standing, limits: Limits) -> Iterator[Standing]:
    """Yield the same person on the other side of each limit of lateness that is near."""
    lateness = standing.lateness
    if lateness is None:
        return
    # (last moment below the limit, first moment above it): 5:00 is late already, 15:00 not yet very late.
    sides = (
        (limits.late_from, limits.late_from - _MOMENT, limits.late_from),
        (limits.very_late_after, limits.very_late_after, limits.very_late_after + _MOMENT),
    )
    for limit, below, above in sides:
        if abs(lateness - limit) < limits.lateness_margin:
            yield replace(standing, lateness=above if lateness <= below else below)


def _across_engagement_limits(standing: Standing, limits: Limits) -> Iterator[Standing]:
    """Yield the same person on the other side of each limit of engagement that is near and bears on the status."""
    for limit in (limits.absent_below_percent, limits.very_late_absent_below_percent):
        if abs(standing.engagement - limit) < limits.engagement_margin_points:
            other = Fraction(limit) if standing.engagement < limit else limit - _TRIFLE
            yield replace(standing, engagement=other)

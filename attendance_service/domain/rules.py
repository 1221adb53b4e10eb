"""The rule table of DESIGN 7, row by row: the first that fits decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from attendance_service.domain.limits import Limits
from attendance_service.domain.measurement import Standing
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence

ConfidenceRule = Callable[[Standing, Limits], Confidence]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of the table."""

    code: ReasonCode
    fits: Callable[[Standing, Limits], bool]
    status: AttendanceStatus
    confidence: ConfidenceRule
    #: Whether the amount of engagement is a reason of its own.
    engagement_counts: bool = False


def first_that_fits(standing: Standing, limits: Limits) -> Row:
    """Return the row that decides; the last one fits everybody."""
    return next(row for row in TABLE if row.fits(standing, limits))


def engagement_code(standing: Standing, limits: Limits) -> ReasonCode:
    """Return the reason that names the amount of engagement, for whoever counts as having come."""
    if standing.engagement >= limits.high_engagement_from_percent:
        return ReasonCode.HIGH_ENGAGEMENT
    if standing.engagement >= limits.medium_engagement_from_percent:
        return ReasonCode.MEDIUM_ENGAGEMENT
    return ReasonCode.LOW_ENGAGEMENT


def _always(confidence: Confidence) -> ConfidenceRule:
    return lambda _standing, _limits: confidence


def _of_absence(standing: Standing, limits: Limits) -> Confidence:
    return Confidence.HIGH if standing.engagement < limits.clearly_absent_below_percent else Confidence.MEDIUM


_CONFIDENCE_BY_ENGAGEMENT = {
    ReasonCode.HIGH_ENGAGEMENT: Confidence.HIGH,
    ReasonCode.MEDIUM_ENGAGEMENT: Confidence.MEDIUM,
    ReasonCode.LOW_ENGAGEMENT: Confidence.LOW,
}


def _by_engagement(standing: Standing, limits: Limits) -> Confidence:
    return _CONFIDENCE_BY_ENGAGEMENT[engagement_code(standing, limits)]


def _lateness(standing: Standing) -> timedelta:
    return standing.lateness or timedelta()


def _very_late(standing: Standing, limits: Limits) -> bool:
    return _lateness(standing) > limits.very_late_after


TABLE = (
    Row(
        code=ReasonCode.CANNOT_KNOW,
        fits=lambda standing, limits: standing.unknown > limits.cannot_know_above_percent,
        status=AttendanceStatus.PRESENT,
        confidence=_always(Confidence.LOW),
    ),
    Row(
        code=ReasonCode.NEVER_CONNECTED,
        fits=lambda standing, _limits: standing.lateness is None,
        status=AttendanceStatus.ABSENT,
        confidence=_always(Confidence.HIGH),
    ),
    Row(
        code=ReasonCode.VERY_LOW_ENGAGEMENT,
        fits=lambda standing, limits: standing.engagement < limits.absent_below_percent,
        status=AttendanceStatus.ABSENT,
        confidence=_of_absence,
    ),
    Row(
        code=ReasonCode.VERY_LATE_LOW_ENGAGEMENT,
        fits=lambda standing, limits: (
            _very_late(standing, limits) and standing.engagement < limits.very_late_absent_below_percent
        ),
        status=AttendanceStatus.ABSENT,
        confidence=_always(Confidence.MEDIUM),
    ),
    Row(
        code=ReasonCode.VERY_LATE,
        fits=_very_late,
        status=AttendanceStatus.LATE,
        confidence=_always(Confidence.MEDIUM),
        engagement_counts=True,
    ),
    Row(
        code=ReasonCode.LATE,
        fits=lambda standing, limits: _lateness(standing) >= limits.late_from,
        status=AttendanceStatus.LATE,
        confidence=_by_engagement,
        engagement_counts=True,
    ),
    # Three rows of DESIGN in one: present from 70, from 40 and from 30 differ in confidence alone.
    Row(
        code=ReasonCode.ON_TIME,
        fits=lambda _standing, _limits: True,
        status=AttendanceStatus.PRESENT,
        confidence=_by_engagement,
        engagement_counts=True,
    ),
)

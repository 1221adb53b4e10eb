"""Which limits may be a policy: the rule table must stay monotone.

More presence must never lead to a worse status, and a later arrival never to a better one. An absence is never
suggested where most of the window was not observed. Property tests check the rule table with all allowed limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from attendance_service.domain.policy import Limits
from servicekit.errors import FieldViolation

#: No scheduled session is longer.
_MAX_DURATION = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta()
#: More reconnects than a lesson has minutes: such a limit is never reached.
_MAX_RECONNECTS = 1000
#: Beyond half, an absence would be concluded from the smaller part of the window.
_MAX_UNKNOWN_PERCENT = 50
_WHOLE_PERCENT = 100
#: A claim about what is longer ago can't be checked by anybody.
_MAX_CLAIM_DAYS = 365


@dataclass(frozen=True, kw_only=True, slots=True)
class _AllowedRange:
    """The values that one limit may have; both ends included."""

    field: str
    value: float
    min: float
    max: float
    #: Which other limit sets an end, for people.
    because: str = ""

    @property
    def violation(self) -> FieldViolation | None:
        """What is wrong with the value and what to send instead; None: nothing."""
        # An empty range follows from another limit that is wrong itself, and that one is reported.
        if self.min <= self.value <= self.max or self.min > self.max:
            return None
        return FieldViolation(self.field, f"must be {self.min:g} to {self.max:g}{self.because}")


def policy_violations(limits: Limits) -> tuple[FieldViolation, ...]:
    """Return every reason why these limits can't be a policy, by field of PolicyLimits; empty: none."""
    about_presence = (*_lateness(limits), *_engagement(limits), *_observation(limits))
    ranges = (*about_presence, *_confidence(limits), *_waiting(limits), *_claims(limits))
    return tuple(violation for allowed in ranges if (violation := allowed.violation) is not None)


def _lateness(limits: Limits) -> Iterator[_AllowedRange]:
    yield _duration("very_late_after", limits.very_late_after, _SECOND, _MAX_DURATION)
    latest = limits.very_late_after - _SECOND
    yield _duration("late_from", limits.late_from, _SECOND, latest, ": less than very_late_after_seconds")
    yield _duration("lateness_margin", limits.lateness_margin, _NONE, limits.late_from, ": at most late_from_seconds")


def _engagement(limits: Limits) -> Iterator[_AllowedRange]:
    absent, high = limits.absent_below_percent, limits.high_engagement_from_percent
    at_most, at_least = ": at most absent_below_percent", ": at least absent_below_percent"
    between = f"{at_least} and at most high_engagement_from_percent"
    yield _percent("absent_below_percent", absent, 1, _WHOLE_PERCENT)
    yield _percent("clearly_absent_below_percent", limits.clearly_absent_below_percent, 0, absent, at_most)
    yield _percent(
        "very_late_absent_below_percent", limits.very_late_absent_below_percent, absent, _WHOLE_PERCENT, at_least
    )
    yield _percent("high_engagement_from_percent", high, absent, _WHOLE_PERCENT, at_least)
    yield _percent("medium_engagement_from_percent", limits.medium_engagement_from_percent, absent, high, between)
    yield _percent("engagement_margin_points", limits.engagement_margin_points, 0, absent, at_most)


def _waiting(limits: Limits) -> Iterator[_AllowedRange]:
    yield _duration("no_show_after", limits.no_show_after, _SECOND, _MAX_DURATION)


def _claims(limits: Limits) -> Iterator[_AllowedRange]:
    yield _AllowedRange(field="claim_within_days", value=limits.claim_within_days, min=0, max=_MAX_CLAIM_DAYS)


def _observation(limits: Limits) -> Iterator[_AllowedRange]:
    because = ": absence is never suggested where most of the window was not seen"
    yield _percent("cannot_know_above_percent", limits.cannot_know_above_percent, 0, _MAX_UNKNOWN_PERCENT, because)
    yield _percent("unobserved_above_percent", limits.unobserved_above_percent, 0, _WHOLE_PERCENT)


def _confidence(limits: Limits) -> Iterator[_AllowedRange]:
    yield _duration("short_window_below", limits.short_window_below, _NONE, _MAX_DURATION)
    yield _AllowedRange(field="many_reconnects_from", value=limits.many_reconnects_from, min=1, max=_MAX_RECONNECTS)


def _percent(field: str, value: int, minimum: int, maximum: int, because: str = "") -> _AllowedRange:
    return _AllowedRange(field=field, value=value, min=minimum, max=maximum, because=because)


def _duration(name: str, value: timedelta, minimum: timedelta, maximum: timedelta, because: str = "") -> _AllowedRange:
    return _AllowedRange(
        field=f"{name}_seconds",
        value=value.total_seconds(),
        min=minimum.total_seconds(),
        max=maximum.total_seconds(),
        because=because,
    )

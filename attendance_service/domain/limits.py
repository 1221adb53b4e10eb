"""The limits of judgement (DESIGN 7); what was in force is kept with every decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Where one status or confidence ends and the next begins; percentages are of the observed window."""

    #: From here on somebody is late (the guide's 5 minutes).
    late_from: timedelta = timedelta(minutes=5)
    #: Past this, little engagement makes a late arrival an absence (the guide's 15 minutes).
    very_late_after: timedelta = timedelta(minutes=15)
    #: Below this somebody counts as absent (the guide's 30 %).
    absent_below_percent: int = 30
    #: Below this an absence is beyond doubt.
    clearly_absent_below_percent: int = 20
    #: Below this whoever came very late counts as absent.
    very_late_absent_below_percent: int = 40
    #: From here on engagement is medium (the guide's 40 %).
    medium_engagement_from_percent: int = 40
    #: From here on engagement is high (the guide's 70 %).
    high_engagement_from_percent: int = 70
    #: More of the window unknown than this: nothing can be said.
    cannot_know_above_percent: int = 50
    #: More of the window unobserved than this lowers confidence.
    unobserved_above_percent: int = 10
    #: A shorter window lowers confidence: single minutes weigh too much.
    short_window_below: timedelta = timedelta(minutes=15)
    #: This many reconnects lower confidence.
    many_reconnects_from: int = 3
    #: Closer than this to a limit of lateness lowers confidence: two heartbeats.
    lateness_margin: timedelta = timedelta(seconds=30)
    #: Closer than this to a limit of engagement lowers confidence, in points.
    engagement_margin_points: int = 2
    #: The tracking service's presence timeout.
    presence_timeout: timedelta = timedelta(seconds=75)

    @property
    def settling_time(self) -> timedelta:
        """How long after the end of a window facts may still change: relays may hold events."""
        return 2 * self.presence_timeout

    def as_document(self) -> dict[str, float]:
        """Return every limit by name, durations in seconds."""
        values = {_documented_name(field): getattr(self, field.name) for field in fields(self)}
        return {
            name: value.total_seconds() if isinstance(value, timedelta) else value for name, value in values.items()
        }

    def as_policy(self) -> dict[str, float]:
        """Return what a policy decides: every limit but the presence timeout, which is the tracking service's."""
        document = self.as_document()
        del document["presence_timeout_seconds"]
        return document


def limits_of(document: Mapping[str, float]) -> Limits:
    """Return the limits of a document such as `as_document` gives; what it does not name is as built in."""
    stated: dict[str, Any] = {}
    for field in fields(Limits):
        value = document.get(_documented_name(field))
        if value is not None:
            stated[field.name] = timedelta(seconds=value) if isinstance(field.default, timedelta) else int(value)
    return Limits(**stated)


def _documented_name(field: Field[object]) -> str:
    return f"{field.name}_seconds" if isinstance(field.default, timedelta) else field.name


DEFAULT_LIMITS = Limits()

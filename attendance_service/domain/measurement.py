"""From presence to numbers: what the rules of judgement look at, inside one window (DESIGN 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from attendance_service.domain.facts import PresenceInterval
from attendance_service.domain.presence import Presence
from attendance_service.domain.rounding import percentage_of
from attendance_service.domain.stretches import Stretch, Stretches, clip, subtract, total, union


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One person against the limits; exact."""

    #: From the start of the window to the first moment of presence in it; None if there was none.
    lateness: timedelta | None
    #: Share of the observed window, in percent.
    engagement: Fraction
    #: Share of the window that is unknown, in percent.
    unknown: Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What was measured for one person inside a window."""

    #: The scheduled window.
    scheduled: Stretch
    #: The part of it that is over.
    window: Stretch
    lateness: timedelta | None
    #: Presence in the window.
    active: timedelta
    #: Time in the window of which nothing can be known for this person; left out of the observed window.
    unknown: timedelta
    #: Unknown, or inside an observation gap on neither side of which the person was seen.
    unobserved: timedelta
    reconnects: int
    #: By how much presence ended before the window; None if it did not, or never began.
    left_early_by: timedelta | None
    #: The same person if an arrival that nobody saw was at its latest possible moment.
    at_the_latest: Standing

    @property
    def observed(self) -> timedelta:
        """The window without what is unknown."""
        return self.window.length - self.unknown

    @property
    def standing(self) -> Standing:
        """What the rule table looks at."""
        return Standing(
            lateness=self.lateness,
            engagement=percentage_of(self.active, self.observed),
            unknown=percentage_of(self.unknown, self.window.length),
        )

    @property
    def unobserved_percentage(self) -> Fraction:
        """Share of the window that nobody could observe, in percent."""
        return percentage_of(self.unobserved, self.window.length)


def measure(
    presence: Presence, *, scheduled: Stretch, as_of: datetime, observation_gaps: Stretches, presence_timeout: timedelta
) -> Measurement:
    """Clip presence to the part of the scheduled window that is over and measure it."""
    window = Stretch(started_at=scheduled.started_at, ended_at=min(scheduled.ended_at, as_of))
    present, unknown = clip(presence.taken, window), clip(presence.unknown, window)
    observed = window.length - total(unknown)
    unseen = union([*unknown, *subtract(clip(observation_gaps, window), presence.taken)])
    return Measurement(
        scheduled=scheduled,
        window=window,
        lateness=_lateness(present, window),
        active=total(present),
        unknown=total(unknown),
        unobserved=total(unseen),
        reconnects=presence.reconnects,
        left_early_by=_left_early_by(present, presence.intervals, window, presence_timeout),
        at_the_latest=Standing(
            lateness=_lateness(clip(presence.at_the_latest, window), window),
            engagement=percentage_of(total(clip(presence.at_the_latest, window)), observed),
            unknown=percentage_of(total(unknown), window.length),
        ),
    )


def _lateness(present: Stretches, window: Stretch) -> timedelta | None:
    return present[0].started_at - window.started_at if present else None


def _left_early_by(
    present: Stretches, intervals: Iterable[PresenceInterval], window: Stretch, presence_timeout: timedelta
) -> timedelta | None:
    if not present or present[-1].ended_at >= window.ended_at:
        return None
    silence = window.ended_at - present[-1].ended_at
    # Between two signs of life somebody who is still connected has not left.
    still_there = silence <= presence_timeout and _is_open_at(present[-1].ended_at, intervals)
    return None if still_there else silence


def _is_open_at(moment: datetime, intervals: Iterable[PresenceInterval]) -> bool:
    return any(
        interval.ended_at == moment and not interval.end_reason and not interval.assumed for interval in intervals
    )

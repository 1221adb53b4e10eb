"""From presence to the numbers that the rules compare, inside one window (docs/suggestions.md#rules)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain, pairwise

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, TimeRanges
from servicekit.time_ranges import TimeRange, clip, subtract, union

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """When one person, or at least one student of a class, was present; not clipped to any window."""

    #: As they are shown, oldest first.
    intervals: tuple[PresenceInterval, ...]
    #: All presence, with an unobserved arrival taken as early as possible.
    earliest: TimeRanges
    #: All presence, with an unobserved arrival taken as late as possible.
    latest: TimeRanges
    #: Times for which nothing is known.
    unknown: TimeRanges
    #: Silences longer than the presence timeout that ended with a return.
    reconnects: int

    def shifted(self, by: timedelta) -> Presence:
        """Return the same presence, but later by a time; what is unknown stays where it is."""
        intervals = tuple(replace(interval, span=_shifted(interval.span, by)) for interval in self.intervals)
        return replace(
            self,
            intervals=intervals,
            earliest=tuple(_shifted(span, by) for span in self.earliest),
            latest=tuple(_shifted(span, by) for span in self.latest),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleInput:
    """What the rules compare with the limits; exact."""

    #: From the start of the window to the first presence in it; None if there was none.
    lateness: timedelta | None
    #: Share of the observed window, in percent.
    engagement: Fraction
    #: Share of the window that is unknown, in percent.
    unknown: Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What was measured for one person inside a window."""

    #: The scheduled window.
    scheduled: TimeRange[datetime]
    #: The part of it that is over.
    window: TimeRange[datetime]
    lateness: timedelta | None
    #: Presence in the window.
    active: timedelta
    #: Time in the window for which nothing is known about this person; not part of the observed window.
    unknown: timedelta
    #: Unknown time, and observation gaps without a sign of life of this person on either side.
    unobserved: timedelta
    reconnects: int
    #: By how much presence ended before the window; None if it did not, never began, or the window is not over.
    left_early_by: timedelta | None
    #: The rule input if an unobserved arrival was as late as possible.
    latest_arrival: RuleInput
    #: The rule inputs if they were there in all of the time that is unknown, and if they were there in none of it.
    unknown_otherwise: tuple[RuleInput, RuleInput]

    @property
    def observed(self) -> timedelta:
        """The window without what is unknown."""
        return duration(self.window) - self.unknown

    @property
    def rule_input(self) -> RuleInput:
        """What the rules compare."""
        return RuleInput(
            lateness=self.lateness,
            engagement=_percentage(self.active, self.observed),
            unknown=_percentage(self.unknown, duration(self.window)),
        )

    @property
    def unobserved_percentage(self) -> Fraction:
        """Share of the window that could not be observed, in percent."""
        return _percentage(self.unobserved, duration(self.window))


def presence_of(participant: ParticipantFacts) -> Presence:
    """Return the presence of one participant."""
    observed = [interval.span for interval in participant.intervals if not interval.assumed]
    assumed = [interval.span for interval in participant.intervals if interval.assumed]
    arrival = _unobserved_arrival(participant.arrival_uncertain_since, observed, assumed)
    earliest = union([*observed, *assumed, *arrival])
    return Presence(
        intervals=participant.intervals,
        earliest=earliest,
        latest=union([*observed, *subtract(assumed, arrival)]),
        unknown=subtract(participant.unknown, earliest),
        reconnects=participant.reconnects,
    )


def presence_of_class(students: Sequence[ParticipantFacts], presence_timeout: timedelta) -> Presence:
    """Return when at least one of the students was present."""
    presences = [presence_of(student) for student in students]
    if len(presences) == 1:
        return presences[0]
    earliest = union(chain.from_iterable(presence.earliest for presence in presences))
    unknown = union(chain.from_iterable(presence.unknown for presence in presences))
    return Presence(
        intervals=_merged(list(chain.from_iterable(student.intervals for student in students))),
        earliest=earliest,
        latest=union(chain.from_iterable(presence.latest for presence in presences)),
        unknown=subtract(unknown, earliest),
        reconnects=sum(after.start - before.end > presence_timeout for before, after in pairwise(earliest)),
    )


def measure(
    presence: Presence,
    *,
    scheduled: TimeRange[datetime],
    as_of: datetime,
    observation_gaps: TimeRanges,
    presence_timeout: timedelta,
) -> Measurement:
    """Clip presence to the part of the scheduled window that is over and measure it."""
    window = TimeRange(scheduled.start, min(scheduled.end, as_of))
    present, unknown = clip(presence.earliest, window), clip(presence.unknown, window)
    present_at_least = clip(presence.latest, window)
    observed = duration(window) - total_duration(unknown)
    unobserved = union([*unknown, *subtract(clip(observation_gaps, window), presence.earliest)])
    return Measurement(
        scheduled=scheduled,
        window=window,
        lateness=_lateness(present, window),
        active=total_duration(present),
        unknown=total_duration(unknown),
        unobserved=total_duration(unobserved),
        reconnects=presence.reconnects,
        # Until the session is over, those who left may come back.
        left_early_by=None
        if as_of < scheduled.end
        else _left_early_by(present, presence.intervals, window, presence_timeout),
        latest_arrival=RuleInput(
            lateness=_lateness(present_at_least, window),
            engagement=_percentage(total_duration(present_at_least), observed),
            unknown=_percentage(total_duration(unknown), duration(window)),
        ),
        unknown_otherwise=(_as_seen(union([*present, *unknown]), window), _as_seen(present, window)),
    )


def duration(time_range: TimeRange[datetime]) -> timedelta:
    """Return how long a range is."""
    return time_range.end - time_range.start


def total_duration(ranges: Iterable[TimeRange[datetime]]) -> timedelta:
    """Return how long the ranges are together; they must not overlap."""
    return sum((duration(time_range) for time_range in ranges), timedelta())


# Shown numbers are rounded down, so that none contradicts the exact comparison: 69.99 % is never shown as 70.
def shown_minutes(length: timedelta) -> float:
    """Return minutes, rounded down to one decimal."""
    return (length * 10 // _MINUTE) / 10


def shown_seconds(length: timedelta) -> int:
    """Return whole seconds, rounded down."""
    return length // _SECOND


def shown_percentage(percentage: Fraction) -> float:
    """Return percent, rounded down to one decimal."""
    return (percentage * 10 // 1) / 10


def _shifted(span: TimeRange[datetime], by: timedelta) -> TimeRange[datetime]:
    return TimeRange(span.start + by, span.end + by)


def _percentage(part: timedelta, whole: timedelta) -> Fraction:
    return Fraction(part // _MICROSECOND * 100, whole // _MICROSECOND) if whole else Fraction(0)


def _as_seen(present: TimeRanges, window: TimeRange[datetime]) -> RuleInput:
    """Return the rule input of a window of which nothing is unknown."""
    engagement = _percentage(total_duration(present), duration(window))
    return RuleInput(lateness=_lateness(present, window), engagement=engagement, unknown=Fraction(0))


def _lateness(present: TimeRanges, window: TimeRange[datetime]) -> timedelta | None:
    return present[0].start - window.start if present else None


def _left_early_by(
    present: TimeRanges,
    intervals: Iterable[PresenceInterval],
    window: TimeRange[datetime],
    presence_timeout: timedelta,
) -> timedelta | None:
    if not present or present[-1].end >= window.end:
        return None
    silence = window.end - present[-1].end
    # A silence within the timeout of an open interval is no departure: the next sign of life may still come.
    still_connected = silence <= presence_timeout and _is_open_at(present[-1].end, intervals)
    return None if still_connected else silence


def _is_open_at(time: datetime, intervals: Iterable[PresenceInterval]) -> bool:
    return any(interval.span.end == time and not interval.end_reason and not interval.assumed for interval in intervals)


def _unobserved_arrival(
    since: datetime | None, observed: Iterable[TimeRange[datetime]], assumed: Iterable[TimeRange[datetime]]
) -> TimeRanges:
    """Return from when to when a participant may have arrived (docs/presence.md#observation-gaps)."""
    if since is None:
        return ()
    first_seen = min((span.start for span in observed if span.start >= since), default=None)
    # A participant first seen after the window has only assumed presence in it, which ends at that time.
    until = first_seen or max((span.end for span in assumed), default=since)
    return (TimeRange(since, until),) if since < until else ()


def _merged(intervals: list[PresenceInterval]) -> tuple[PresenceInterval, ...]:
    return tuple(_merged_interval(span, intervals) for span in union(interval.span for interval in intervals))


def _merged_interval(span: TimeRange[datetime], intervals: list[PresenceInterval]) -> PresenceInterval:
    inside = [interval for interval in intervals if span.start <= interval.span.start and interval.span.end <= span.end]
    # Of two that end at the same time, the open one says how the merged interval ends.
    last = max(inside, key=lambda interval: (interval.span.end, not interval.end_reason))
    return PresenceInterval(span=span, end_reason=last.end_reason, assumed=all(interval.assumed for interval in inside))

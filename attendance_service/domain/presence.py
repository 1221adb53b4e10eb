"""Presence of one person, or of a class (somebody was there), ready to be measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval
from attendance_service.domain.stretches import Stretch, Stretches, subtract, union


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """When somebody was there, not clipped to any window."""

    #: As they are shown, oldest first.
    intervals: tuple[PresenceInterval, ...]
    #: Every moment of presence as it is taken.
    taken: Stretches
    #: The same if an arrival that nobody saw was at its latest possible moment.
    at_the_latest: Stretches
    #: Moments of which nothing can be known.
    unknown: Stretches
    #: Silences longer than the presence timeout that ended with a return.
    reconnects: int


def presence_of(participant: ParticipantFacts) -> Presence:
    """Return the presence of one participant; an arrival that nobody saw is taken as early as possible (DESIGN 5.7)."""
    observed = [interval.stretch for interval in participant.intervals if not interval.assumed]
    assumed = [interval.stretch for interval in participant.intervals if interval.assumed]
    arrival = _uncertain_arrival(participant.arrival_uncertain_since, observed, assumed)
    taken = union([*observed, *assumed, *arrival])
    return Presence(
        intervals=participant.intervals,
        taken=taken,
        at_the_latest=union([*observed, *subtract(assumed, arrival)]),
        unknown=subtract(participant.unknown, taken),
        reconnects=participant.reconnects,
    )


def presence_of_class(students: Sequence[ParticipantFacts], presence_timeout: timedelta) -> Presence:
    """Return when at least one of the students was there; a class of one is that student."""
    presences = [presence_of(student) for student in students]
    if len(presences) == 1:
        return presences[0]
    taken = union(chain.from_iterable(presence.taken for presence in presences))
    unknown = union(chain.from_iterable(presence.unknown for presence in presences))
    return Presence(
        intervals=_merged(list(chain.from_iterable(student.intervals for student in students))),
        taken=taken,
        at_the_latest=union(chain.from_iterable(presence.at_the_latest for presence in presences)),
        unknown=subtract(unknown, taken),
        reconnects=_silences_longer_than(presence_timeout, taken),
    )


def _uncertain_arrival(since: datetime | None, observed: Iterable[Stretch], assumed: Iterable[Stretch]) -> Stretches:
    if since is None:
        return ()
    first_seen = min((stretch.started_at for stretch in observed if stretch.started_at >= since), default=None)
    # Whoever was first seen after the window has only an assumed presence in it, which ends at that moment.
    until = first_seen or max((stretch.ended_at for stretch in assumed), default=since)
    return (Stretch(started_at=since, ended_at=until),) if since < until else ()


def _silences_longer_than(presence_timeout: timedelta, presence: Stretches) -> int:
    return sum(after.started_at - before.ended_at > presence_timeout for before, after in pairwise(presence))


def _merged(intervals: list[PresenceInterval]) -> tuple[PresenceInterval, ...]:
    return tuple(_joined(stretch, intervals) for stretch in union(interval.stretch for interval in intervals))


def _joined(stretch: Stretch, intervals: list[PresenceInterval]) -> PresenceInterval:
    inside = [
        interval
        for interval in intervals
        if stretch.started_at <= interval.started_at and interval.ended_at <= stretch.ended_at
    ]
    # An open interval outlasts one that ended at the same moment.
    last = max(inside, key=lambda interval: (interval.ended_at, not interval.end_reason))
    return PresenceInterval(
        started_at=stretch.started_at,
        ended_at=stretch.ended_at,
        end_reason=last.end_reason,
        assumed=all(interval.assumed for interval in inside),
    )

"""What the tracking service knows about one whiteboard session in one window (docs/presence.md#windows)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange, clip, union

#: A lesson that was moved by word of mouth, or entered in the wrong time zone, is looked for this long before and after
#: its window.
NEARBY = timedelta(hours=1)

TimeRanges = tuple[TimeRange[datetime], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceInterval:
    """Unbroken presence of one participant, not clipped to any window."""

    span: TimeRange[datetime]
    #: `closed`, `timed_out`, or empty while the interval is open.
    end_reason: str = ""
    #: Covers a time that could not be observed.
    assumed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantFacts:
    """What is known about one participant."""

    user_id: UserId
    #: Whether the whiteboard session names them now; if not, they were present before.
    is_listed: bool = True
    #: Those that touch the window, oldest first.
    intervals: tuple[PresenceInterval, ...] = ()
    #: Parts of the window for which nothing is known about this participant.
    unknown: TimeRanges = ()
    #: Silences longer than the presence timeout that ended with a return.
    reconnects: int = 0
    #: The arrival was not observed: it was at some time from here to the first sign of life.
    arrival_uncertain_since: datetime | None = None
    #: How often they drew, typed or the like, by minute of the window; empty: never, or not known.
    activity: tuple[int, ...] = ()
    #: How far the clock of the server that reported this was off; positive: ahead, so that all times are too late.
    clock_offset: timedelta = timedelta()
    #: Presence before and after the window, at most NEARBY away from it.
    nearby: TimeRanges = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """What is known about all participants in one window."""

    window: TimeRange[datetime]
    tutors: tuple[ParticipantFacts, ...]
    students: tuple[ParticipantFacts, ...]
    #: Times in which presence could not have been observed.
    observation_gaps: TimeRanges = ()
    #: Up to when the facts are known.
    as_of: datetime


def as_listed(facts: SessionFacts, *, tutors: frozenset[UserId], students: frozenset[UserId]) -> SessionFacts:
    """Return the facts as if the whiteboard named these people, and nobody else.

    The tracking service knows only of those whom it names now, or who were there.
    """
    unknown = _unknown_to_all(facts)
    return replace(
        facts,
        tutors=_as_listed(facts.tutors, tutors, unknown),
        students=_as_listed(facts.students, students, unknown),
    )


def _as_listed(
    people: tuple[ParticipantFacts, ...], listed: frozenset[UserId], unknown: TimeRanges
) -> tuple[ParticipantFacts, ...]:
    missing = sorted(listed - {person.user_id for person in people})
    return (
        *(replace(person, is_listed=person.user_id in listed) for person in people),
        *(ParticipantFacts(user_id=user, unknown=unknown) for user in missing),
    )


def _unknown_to_all(facts: SessionFacts) -> TimeRanges:
    """Return the times in which nobody could be seen."""
    people = (*facts.tutors, *facts.students)
    if not people:
        gaps = union(facts.observation_gaps)
        return gaps if gaps == (facts.window,) else ()
    common: Iterable[TimeRange[datetime]] = (facts.window,)
    for person in people:
        common = [part for unknown in person.unknown for part in clip(common, unknown)]
    return union(common)

"""When live relays watched connections, and the times between in which none did (docs/presence.md#live-relays)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from servicekit.clock import Instant, seconds
from servicekit.identifiers import StreamId
from servicekit.time_ranges import TimeRange, union

#: What is recorded of an open stream lags behind by some seconds. Shorter times are no gaps: presence lasts over them.
MAX_UNRECORDED = seconds(8)

#: A relay that has not come back after so long is taken as replaced: its silence says nothing about later lessons.
MAX_AWAITED = seconds(24 * 3600)


class RelayCoverage(NamedTuple):
    """A time in which one identity watched connections, and the stream over which it sent what it saw."""

    owner: str
    stream_id: StreamId
    time_range: TimeRange[Instant]


def unwatched(
    coverage: Iterable[RelayCoverage], delivered_by: Collection[StreamId], now: Instant
) -> tuple[TimeRange[Instant], ...]:
    """Return when relays that watched a session's connections did not, although they had before.

    `delivered_by` are the streams over which the session had events.
    """
    by_owner: dict[str, list[RelayCoverage]] = {}
    for one in coverage:
        by_owner.setdefault(one.owner, []).append(one)
    return union(gap for of_owner in by_owner.values() for gap in _gaps(of_owner, delivered_by, now))


def _gaps(
    coverage: Iterable[RelayCoverage], delivered_by: Collection[StreamId], now: Instant
) -> Iterator[TimeRange[Instant]]:
    """Yield the gaps of one identity, up to now, next to a time in which it watched the session."""
    known = list(coverage)
    watched = [one.time_range for one in known if one.stream_id in delivered_by]
    covered = union(one.time_range for one in known)
    awaited = TimeRange(Instant(min(now, covered[-1].end + MAX_AWAITED)), Instant(2**63))
    for before, after in pairwise([*covered, awaited]):
        gap = TimeRange(before.end, after.start)
        if gap.end - gap.start > MAX_UNRECORDED and any(
            before.start <= one.start <= before.end or after.start <= one.start <= after.end for one in watched
        ):
            yield gap

"""Reads what is in the journal of some groups, and how far behind folding is (docs/streams.md#folding)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.engine import Connection

from servicekit.clock import Clock, Instant
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.fold_rhythm import Age
from tracking_service.domain.grouping import ALL_GROUPS, Grouping
from tracking_service.domain.journal import NEIGHBOURS, buckets_of
from tracking_service.folding.pending import ReadRecords
from tracking_service.store import journal, session_groups
from tracking_service.store.journal import StoredRecord, Wanted, WriterId, wanted_records
from tracking_service.store.session_groups import NOTHING, ReadGroups, SessionGroup

#: Flushes that are read at once for neighbouring groups. With a few hundred heartbeats each they take 100 MiB; under
#: full load they are those of a minute and a half.
MAX_FLUSHES_OF_NEIGHBOURS = 10_000
#: Flushes that are read at once for all groups: those of some seconds. Up to 200 of them were read before, because
#: groups without events are moved on later (`MAX_UNMOVED`).
MAX_FLUSHES_OF_ALL = 500
#: Flushes that are read without a pause in a turn. While another process uses the other core, the one that serves
#: streams is slower, and may fall behind.
MAX_FLUSHES_PER_STEP = 250
_MICROSECOND = timedelta(microseconds=1)


class TooMuchAtOnce(Exception):
    """More is in the journal than is read at once for groups that are no neighbours."""


class Plan(NamedTuple):
    """What is to be read of the journal for some groups."""

    groups: ReadGroups
    wanted: Sequence[Wanted]
    #: None of the records is older.
    since: datetime
    #: See `Reading`.
    until: Mapping[WriterId, int]
    is_complete: bool
    as_of: Instant

    def in_steps(self) -> Iterator[Plan]:
        """Divide it into parts, each to be read without a pause."""
        longest = max((one.until - one.after for one in self.wanted), default=0)
        for first in range(0, longest, MAX_FLUSHES_PER_STEP):
            part = [
                one._replace(after=one.after + first, until=min(one.until, one.after + first + MAX_FLUSHES_PER_STEP))
                for one in self.wanted
                if one.after + first < one.until
            ]
            yield self._replace(wanted=part)

    def read(
        self, connection: Connection, sessions: Collection[WhiteboardSessionId] | None = None
    ) -> list[StoredRecord]:
        """Return the records; with `sessions`, only those that concern these are sure to be there."""
        numbers = [group.number for group in self.groups.groups]
        return journal.read(connection, self.wanted, numbers, since=self.since, now=self.groups.now, sessions=sessions)

    def reading(self, records: Iterable[StoredRecord]) -> Reading:
        """Return what was read, given all records."""
        groups, now, grouping = self.groups
        return Reading(ReadRecords(records, grouping), groups, self.until, self.is_complete, now, self.as_of, grouping)


class Reading(NamedTuple):
    """What is in the journal of some groups."""

    records: ReadRecords
    groups: Sequence[SessionGroup]
    #: Up to which number of each writer.
    until: Mapping[WriterId, int]
    #: Whether that is everything that was appended before `read_at`.
    is_complete: bool
    read_at: datetime
    #: Everything that was appended before is in these records, or folded already.
    as_of: Instant
    grouping: Grouping

    def is_behind(self, group: SessionGroup) -> bool:
        """Return whether something was appended, for whichever group, after what is folded of this one."""
        return _is_behind(group, self.until)


def are_neighbours(groups: Collection[int]) -> bool:
    """Return whether all groups are in the same bucket of the middle level."""
    return len({group // NEIGHBOURS for group in groups}) <= 1


def read(
    connection: Connection,
    clock: Clock,
    groups: ReadGroups,
    *,
    in_parts: bool = False,
    sessions: Collection[WhiteboardSessionId] | None = None,
) -> Reading:
    """Read what the groups have not folded yet; of neighbours, or `in_parts`, as much as is read at once.

    `groups` were read in the same transaction. With `sessions`, only what concerns these is sure to be there.

    Raises:
        TooMuchAtOnce: they are no neighbours.
    """
    plan = planned(connection, clock, groups, in_parts=in_parts)
    return plan.reading(plan.read(connection, sessions))


def planned(connection: Connection, clock: Clock, groups: ReadGroups, *, in_parts: bool = False) -> Plan:
    """Return what `read` reads; TooMuchAtOnce."""
    now = clock.now()
    written = journal.last_records(connection)
    # To fold heartbeats moves both positions, so the one of heartbeats is the earlier one.
    positions = {
        group.number: {writer_id: group.positions.get(writer_id, NOTHING).heartbeats for writer_id in written}
        for group in groups.groups
    }
    first = {writer_id: min(own[writer_id] for own in positions.values()) for writer_id in written} if positions else {}
    limit = MAX_FLUSHES_OF_NEIGHBOURS if are_neighbours(positions) else MAX_FLUSHES_OF_ALL
    is_too_much = any(written[writer_id] - after > limit for writer_id, after in first.items())
    if is_too_much and not in_parts and not are_neighbours(positions):
        raise TooMuchAtOnce
    until = {writer_id: min(written[writer_id], after + limit) for writer_id, after in first.items()}
    wanted = list(wanted_records(positions, {group: buckets_of(group) for group in positions}, until))
    since = min((group.folded_at for group in groups.groups), default=groups.now)
    is_complete = until == written
    as_of = now if is_complete else Instant(now - (groups.now - since) // _MICROSECOND)
    return Plan(groups, wanted, since, until, is_complete, as_of)


def ages(connection: Connection, groups: Iterable[int] = ALL_GROUPS) -> list[Age]:
    """Return how far each group is folded."""
    known = session_groups.read(connection, groups)
    written = journal.last_records(connection)
    return [Age((known.now - group.folded_at).total_seconds(), _is_behind(group, written)) for group in known.groups]


def _is_behind(group: SessionGroup, written: Mapping[WriterId, int]) -> bool:
    return any(group.positions.get(writer_id, NOTHING).heartbeats < number for writer_id, number in written.items())

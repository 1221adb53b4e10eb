"""What the journal holds: accepted events, before facts are made of them (docs/streams.md#journal)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.grouping import GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import (
    NO_CONNECTION_IDS,
    ConnectionIds,
    HeartbeatColumns,
)
from tracking_service.domain.provenance import SourceStream

#: A flush is divided into as many records as are worth their cost, each for some neighbouring groups: a tree with one
#: bucket for all groups, 16 for 16 groups each, and 256 for one group each.
BUCKET_LEVELS = (1, 16, GROUPS)
#: The bucket of all groups: that of a flush before it is divided.
WHOLE_FLUSH = BUCKET_LEVELS[0]
#: From how many heartbeats on a flush is divided as finely. A record costs 20 us to write and 20 us to read, a
#: heartbeat in it 0.1 us to read. With so many, groups are folded by neighbours, and would read all 16 times. Records
#: for single groups are of use only to those who read one session.
MIN_HEARTBEATS = {1: 0, 16: 512, GROUPS: 16_384}
#: With so many a flush has more than one record.
DIVIDED_FROM = MIN_HEARTBEATS[BUCKET_LEVELS[1]]
#: Groups of one bucket of the middle level: to read all of them costs no more than to read one.
NEIGHBOURS = GROUPS // BUCKET_LEVELS[1]


class Source(NamedTuple):
    """Where events came from."""

    #: A relay's stream; None: calls and streams of participants.
    stream: SourceStream
    #: Whether that relay watches connections live.
    is_live: bool = False
    #: Whether nobody could say, when its events were accepted, if their participants belong to their sessions.
    is_unchecked: bool = False

    def unchecked(self) -> Source:
        """Return the same source, for participants who are still to be checked."""
        return self._replace(is_unchecked=True)

    def checked(self) -> Source:
        """Return the same source, for participants who belong to their sessions."""
        return self._replace(is_unchecked=False)


NO_SOURCE = Source(None)


class SourcedEvent(NamedTuple):
    """An event, and where it came from."""

    #: As a position in the sources of its record.
    source: int
    event: PresenceEvent


class JournalRecord(NamedTuple):
    """What one flush accepted for the groups of one bucket."""

    bucket: int
    sources: Sequence[Source]
    #: In the order of their sources, and of one source in the order in which they arrived.
    heartbeats: HeartbeatColumns
    #: Where each heartbeat came from, as positions in `sources`.
    heartbeat_sources: NDArray[np.intp]
    #: All other events; of one source in the order in which they arrived.
    events: Sequence[SourcedEvent] = ()
    #: Those that its writer has not written down before.
    connection_ids: ConnectionIds = NO_CONNECTION_IDS


def buckets_of(group: int) -> tuple[int, ...]:
    """Return the buckets whose records may concern a group. Their numbers begin with those of the widest level."""
    return tuple(level + group * level // GROUPS for level in BUCKET_LEVELS)


def records(flush: JournalRecord, grouping: Grouping = UNDIVIDED) -> Iterator[JournalRecord]:
    """Divide all that a flush accepted into records."""
    level = max(level for level in BUCKET_LEVELS if len(flush.heartbeats) >= MIN_HEARTBEATS[level])
    if level == WHOLE_FLUSH:
        yield flush
        return
    buckets = (level + grouping.groups_of(flush.heartbeats.keys) * level // GROUPS).astype(np.int16)
    # Within a bucket, rows stay in their order.
    order = np.argsort(buckets, kind="stable")
    heartbeats, sources = flush.heartbeats.selected(order), flush.heartbeat_sources[order]
    bounds = np.searchsorted(buckets[order], np.arange(level, 2 * level + 1)).tolist()
    events: dict[int, list[SourcedEvent]] = {}
    for one in flush.events:
        group = grouping.group_of(one.event.participant.session_id)
        events.setdefault(level + group * level // GROUPS, []).append(one)
    for bucket, (start, end) in enumerate(pairwise(bounds), level):
        if start < end or bucket in events:
            own = heartbeats.between(start, end)
            yield _with_own_names(
                JournalRecord(
                    bucket, flush.sources, own, sources[start:end], events.get(bucket, ()), flush.connection_ids
                )
            )


def _with_own_names(record: JournalRecord) -> JournalRecord:
    """Return a record that has only the sources and connection ids to which it refers."""
    is_own = np.zeros(len(record.sources), np.bool_)
    is_own[record.heartbeat_sources] = True
    is_own[[one.source for one in record.events]] = True
    positions = np.cumsum(is_own) - 1
    ids = record.connection_ids
    return record._replace(
        sources=[record.sources[position] for position in np.flatnonzero(is_own).tolist()],
        heartbeat_sources=positions[record.heartbeat_sources],
        events=[SourcedEvent(int(positions[source]), event) for source, event in record.events],
        connection_ids={number: ids[number] for number in ids.keys() & set(record.heartbeats.connections.tolist())}
        if ids
        else ids,
    )

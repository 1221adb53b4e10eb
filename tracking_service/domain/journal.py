"""What the journal holds: accepted events, before facts are made of them (docs/streams.md#journal)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.grouping import GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import (
    NO_CONNECTION_IDS,
    NO_HEARTBEATS,
    ConnectionIds,
    HeartbeatColumns,
)
from tracking_service.domain.provenance import SourceStream

#: A flush is divided into as many records as are worth their cost, each for some neighbouring groups: a tree with one
#: bucket for all groups, 16 for 16 groups each, and 256 for one group each.
BUCKET_LEVELS = (1, 16, GROUPS)
#: From how many heartbeats on a flush is divided as finely. A record costs 20 us to write and 20 us to read, a
#: heartbeat in it 0.1 us to read. With so many, groups are folded by neighbours, and would read all 16 times. Records
#: for single groups are of use only to those who read one session.
MIN_HEARTBEATS = {1: 0, 16: 512, GROUPS: 16_384}
#: Groups of one bucket of the middle level: to read all of them costs no more than to read one.
NEIGHBOURS = GROUPS // BUCKET_LEVELS[1]


class Source(NamedTuple):
    """Where events came from."""

    #: A relay's stream; None: calls and streams of participants.
    stream: SourceStream
    #: Whether that relay watches connections live.
    is_live: bool = False


NO_SOURCE = Source(None)


class JournalPart(NamedTuple):
    """What came from one source."""

    source: Source
    heartbeats: HeartbeatColumns
    events: Sequence[PresenceEvent] = ()


class JournalRecord(NamedTuple):
    """What one flush accepted for the groups of one bucket."""

    bucket: int
    parts: Sequence[JournalPart]
    #: Those that its writer has not written down before.
    connection_ids: ConnectionIds = NO_CONNECTION_IDS


def buckets_of(group: int) -> tuple[int, ...]:
    """Return the buckets whose records may concern a group. Their numbers begin with those of the widest level."""
    return tuple(level + group * level // GROUPS for level in BUCKET_LEVELS)


def records(
    parts: Sequence[JournalPart], connection_ids: ConnectionIds, grouping: Grouping = UNDIVIDED
) -> Iterator[JournalRecord]:
    """Divide what was accepted into records."""
    heartbeats = sum(len(part.heartbeats) for part in parts)
    level = max(level for level in BUCKET_LEVELS if heartbeats >= MIN_HEARTBEATS[level])
    if level == 1:
        yield JournalRecord(level, parts, connection_ids)
        return
    by_bucket: dict[int, list[JournalPart]] = {}
    for part in parts:
        for bucket, divided in _divided(part, level, grouping):
            by_bucket.setdefault(bucket, []).append(divided)
    for bucket, own in sorted(by_bucket.items()):
        yield JournalRecord(bucket, own, _named(own, connection_ids) if connection_ids else connection_ids)


def _named(parts: Sequence[JournalPart], connection_ids: ConnectionIds) -> ConnectionIds:
    """Return those of the ids that heartbeats refer to."""
    numbers = {number for part in parts for number in part.heartbeats.connections.tolist()}
    return {number: connection_ids[number] for number in numbers & connection_ids.keys()}


def _divided(part: JournalPart, level: int, grouping: Grouping) -> Iterator[tuple[int, JournalPart]]:
    buckets = (level + grouping.groups_of(part.heartbeats.keys) * level // GROUPS).astype(np.uint16)
    order = np.argsort(buckets, kind="stable")
    heartbeats, ordered = part.heartbeats.selected(order), buckets[order]
    ends = [*np.flatnonzero(ordered[1:] != ordered[:-1]).tolist(), len(ordered) - 1]
    events: dict[int, list[PresenceEvent]] = {}
    for event in part.events:
        bucket = level + grouping.group_of(event.participant.session_id) * level // GROUPS
        events.setdefault(bucket, []).append(event)
    start = 0
    for end in ends if len(ordered) else ():
        bucket = int(ordered[end])
        own = heartbeats.between(start, end + 1)
        yield bucket, JournalPart(part.source, own, events.pop(bucket, ()))
        start = end + 1
    for bucket, remaining in events.items():
        yield bucket, JournalPart(part.source, NO_HEARTBEATS, remaining)

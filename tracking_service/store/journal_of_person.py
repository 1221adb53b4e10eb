"""What the journal still has of one person (docs/operations.md#personal-data)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant, to_datetime
from servicekit.database import arrays
from servicekit.identifiers import UserId
from tracking_service.domain.events import EventKind
from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.domain.heartbeat_columns import USER_ID_MASK, USER_TYPE_BITS, HeartbeatColumns, participant
from tracking_service.domain.journal import buckets_of
from tracking_service.store.journal_format import decoded
from tracking_service.store.shards import grouping_of

_OF_BUCKETS = text("""
    SELECT bucket, payload FROM presence_journal WHERE bucket = ANY (CAST(:buckets AS smallint[]))
""")
#: Rows that are fetched together: some megabytes.
_ROWS_AT_ONCE = 1_000

Row = dict[str, Any]


def rows_of_person(connection: Connection, user_id: UserId, sessions: Collection[int]) -> list[Row]:
    """Return the events of a user in these sessions, in the order of their times, as JSON values."""
    grouping = grouping_of(connection)
    # Records from before the tables were distributed are in the buckets of other groups.
    groups = ALL_GROUPS if grouping.is_distributed else set(map(grouping.group_of, sessions))
    buckets = {bucket for group in groups for bucket in buckets_of(group)}
    if not sessions:
        return []
    found: list[tuple[Instant, Row]] = []
    parameters = {"buckets": arrays.numbers(sorted(buckets))}
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(_OF_BUCKETS, parameters):
        record = decoded(row.bucket, row.payload)
        found += _heartbeats(record.heartbeats, user_id, sessions)
        found += [
            (
                event.at,
                _row(event.participant.session_id, event.participant.user_type, event.kind, to_datetime(event.at))
                | {"connection_id": event.connection_id, "activity_type": event.activity_type},
            )
            for _, event in record.events
            if event.participant.user_id == user_id and event.participant.session_id in sessions
        ]
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def _heartbeats(
    heartbeats: HeartbeatColumns, user_id: UserId, sessions: Collection[int]
) -> Iterator[tuple[Instant, Row]]:
    own = heartbeats.selected((heartbeats.keys >> USER_TYPE_BITS) & USER_ID_MASK == np.int64(user_id))
    for key, at in zip(own.keys.tolist(), own.times.tolist(), strict=True):
        session_id, _, user_type = participant(key)
        if session_id in sessions:
            yield Instant(at), _row(session_id, user_type, EventKind.HEARTBEAT, to_datetime(Instant(at)))


def _row(session_id: int, user_type: str, kind: str, at: datetime) -> Row:
    return {
        "whiteboard_session_id": session_id,
        "user_type": str(user_type),
        "event": str(kind),
        "occurred_at": at.isoformat(),
    }

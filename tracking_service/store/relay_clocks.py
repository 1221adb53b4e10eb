"""relay_clock_offsets: how far the clocks of relays were off (docs/presence.md#clocks)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.identifiers import StreamId
from tracking_service.domain.relay_clocks import ClockOffset
from tracking_service.store.sql import instant, timestamptz_sql

_APPEND = text(f"""
    -- How far a relay's clock is off. If it is recorded already, a flush was retried.
    INSERT INTO relay_clock_offsets (stream_id, since, offset_microseconds)
    VALUES (:stream_id, {timestamptz_sql(":since")}, :offset)
    ON CONFLICT DO NOTHING
""")  # noqa: S608 - constants

_LOAD = text("""
    SELECT stream_id, since, offset_microseconds
    FROM relay_clock_offsets
    WHERE stream_id = ANY (CAST(:stream_ids AS uuid[]))
    ORDER BY stream_id, since
""")


def append(connection: Connection, stream_id: UUID, offsets: Iterable[ClockOffset]) -> None:
    """Record changes of the clock behind a stream."""
    for since, offset in offsets:
        connection.execute(_APPEND, {"stream_id": stream_id, "since": since, "offset": offset})


def load(connection: Connection, stream_ids: Iterable[StreamId]) -> dict[StreamId, Sequence[ClockOffset]]:
    """Return what is known of the clocks behind streams, oldest first; other streams are missing."""
    by_stream: dict[StreamId, list[ClockOffset]] = defaultdict(list)
    listed = "{" + ",".join(map(str, stream_ids)) + "}"
    for row in connection.execute(_LOAD, {"stream_ids": listed}):
        by_stream[StreamId(row.stream_id)].append(ClockOffset(instant(row.since), row.offset_microseconds))
    return dict(by_stream)

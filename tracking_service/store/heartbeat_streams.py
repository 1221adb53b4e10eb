"""heartbeat_streams: how far each stream is committed, and who may write it (docs/streams.md#one-stream-one-holder)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.auth.principal import SERVICE_OWNERS
from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.database.prepared_statement import PreparedStatement
from servicekit.identifiers import StreamId
from servicekit.time_ranges import TimeRange
from tracking_service.store.sql import instant


class StreamPosition(NamedTuple):
    """How far a stream is committed, and by whom it may be written."""

    #: Grows with each takeover. The holder of an older epoch may not write any more.
    epoch: int
    committed_sequence: int


_OPEN = text("""
    -- Open or take over a stream. No row is returned if it belongs to another identity.
    INSERT INTO heartbeat_streams AS known (stream_id, owner, epoch, committed_sequence, opened_at, last_used_at)
    VALUES (:stream_id, :owner, 1, 0, now(), now())
    ON CONFLICT (stream_id) DO UPDATE SET epoch = known.epoch + 1, last_used_at = now()
    WHERE known.owner = excluded.owner
    RETURNING epoch, committed_sequence
""")

_LOCK = PreparedStatement(
    "lock_streams",
    """
    -- The positions of the streams of one flush, locked until it is committed.
    SELECT stream_id, epoch, committed_sequence
    FROM heartbeat_streams
    WHERE stream_id = ANY (CAST(:stream_ids AS uuid[]))
    ORDER BY stream_id
    FOR NO KEY UPDATE
    """,
    {"stream_ids": "uuid[]"},
)

_ADVANCE = PreparedStatement(
    "advance_streams",
    """
    -- Record how far the streams of one flush are committed.
    UPDATE heartbeat_streams AS stream
    SET committed_sequence = GREATEST(stream.committed_sequence, batch.sequence), last_used_at = now(),
        last_committed_at = now()
    FROM unnest(CAST(:stream_ids AS uuid[]), CAST(:sequences AS bigint[])) AS batch (stream_id, sequence)
    WHERE stream.stream_id = batch.stream_id
    """,
    {"stream_ids": "uuid[]", "sequences": "bigint[]"},
)

_EXPIRE = text("""
    -- Delete streams that were unused for so long; their clients start new ones. What relays' streams covered is kept.
    WITH expired AS (
        DELETE FROM heartbeat_streams WHERE last_used_at < now() - make_interval(hours => :hours)
        RETURNING stream_id, owner, opened_at, last_committed_at
    ),
    kept AS (
        INSERT INTO expired_relay_streams (stream_id, opened_at, last_committed_at)
        SELECT stream_id, opened_at, last_committed_at
        FROM expired
        WHERE starts_with(owner, :relays) AND last_committed_at IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM expired
""")

_COVERED = text("""
    SELECT stream_id, opened_at, last_committed_at
    FROM heartbeat_streams
    WHERE stream_id = ANY (CAST(:stream_ids AS uuid[])) AND last_committed_at IS NOT NULL
    UNION ALL
    SELECT stream_id, opened_at, last_committed_at
    FROM expired_relay_streams
    WHERE stream_id = ANY (CAST(:stream_ids AS uuid[]))
""")


def open_stream(connection: Connection, stream_id: UUID, owner: str) -> StreamPosition | None:
    """Open or resume a stream, and fence its previous holder; None if it belongs to another owner."""
    row = connection.execute(_OPEN, {"stream_id": stream_id, "owner": owner}).one_or_none()
    return None if row is None else StreamPosition(row.epoch, row.committed_sequence)


def lock(connection: Connection, stream_ids: Iterable[UUID]) -> dict[UUID, StreamPosition]:
    """Lock streams and return their positions; expired streams are missing."""
    rows = _LOCK.execute(connection, {"stream_ids": _identifiers(stream_ids)})
    return {row.stream_id: StreamPosition(row.epoch, row.committed_sequence) for row in rows}


def advance(connection: Connection, committed: Mapping[UUID, int]) -> None:
    """Record how far the locked streams are committed."""
    stream_ids: Sequence[UUID] = list(committed)
    parameters = {"stream_ids": _identifiers(stream_ids), "sequences": arrays.integers(committed.values())}
    _ADVANCE.execute(connection, parameters)


def expire(connection: Connection, unused_for_hours: int) -> int:
    """Delete streams that were unused for so long and return how many there were."""
    parameters = {"hours": unused_for_hours, "relays": SERVICE_OWNERS}
    return int(connection.execute(_EXPIRE, parameters).scalar_one())


def covered(connection: Connection, stream_ids: Iterable[StreamId]) -> dict[StreamId, TimeRange[Instant]]:
    """Return the time that each stream covered without a missing number, from its opening to its last commit.

    Streams that committed nothing are missing.
    """
    rows = connection.execute(_COVERED, {"stream_ids": _identifiers(stream_ids)})
    return {StreamId(row.stream_id): TimeRange(instant(row.opened_at), instant(row.last_committed_at)) for row in rows}


def _identifiers(stream_ids: Iterable[UUID]) -> str:
    return "{" + ",".join(map(str, stream_ids)) + "}"

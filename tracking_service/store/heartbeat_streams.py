"""heartbeat_streams: how far each stream is committed, and who may write it (docs/streams.md#one-stream-one-holder)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


class StreamPart(NamedTuple):
    """What a flush commits of a stream."""

    stream_id: UUID
    #: The epoch under which the stream was opened.
    epoch: int
    first_sequence: int
    last_sequence: int


_OPEN = text("""
    -- Open or take over a stream. No row is returned if it belongs to another identity.
    INSERT INTO heartbeat_streams AS known (stream_id, owner, epoch, committed_sequence, opened_at, last_used_at)
    VALUES (:stream_id, :owner, 1, 0, now(), now())
    ON CONFLICT (stream_id) DO UPDATE SET epoch = known.epoch + 1, last_used_at = now()
    WHERE known.owner = excluded.owner
    RETURNING epoch, committed_sequence
""")

_ADVANCE = PreparedStatement(
    "advance_streams",
    """
    -- Record how far the streams of one flush are committed with it, where its parts may be written. Locking the rows
    -- first would cost as much again; replicas that meet in another order than that of the rows are rare, and one of
    -- them is tried again.
    WITH advanced AS (
        UPDATE heartbeat_streams AS stream
        SET committed_sequence = GREATEST(stream.committed_sequence, part.last_sequence), last_used_at = now(),
            last_committed_at = now()
        FROM unnest(
            CAST(:stream_ids AS uuid[]), CAST(:epochs AS bigint[]), CAST(:first_sequences AS bigint[]),
            CAST(:last_sequences AS bigint[])
        ) WITH ORDINALITY AS part (stream_id, epoch, first_sequence, last_sequence, number)
        WHERE stream.stream_id = part.stream_id AND stream.epoch = part.epoch
            AND part.first_sequence <= stream.committed_sequence + 1
        RETURNING part.number
    )
    -- One row, because the driver takes as long for each as PostgreSQL does.
    SELECT COALESCE(array_agg(number), '{}') FROM advanced
    """,
    {"stream_ids": "uuid[]", "epochs": "bigint[]", "first_sequences": "bigint[]", "last_sequences": "bigint[]"},
)

_POSITIONS = text("""
    SELECT stream_id, epoch, committed_sequence
    FROM heartbeat_streams
    WHERE stream_id = ANY (CAST(:stream_ids AS uuid[]))
""")

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


def advance(connection: Connection, parts: Sequence[StreamPart]) -> set[UUID]:
    """Lock streams and record how far they are committed; one part of each at most.

    Return those whose parts may be written. Of the others nothing is changed: see `positions` for the cause.
    """
    stream_ids, epochs, first_sequences, last_sequences = zip(*parts, strict=True)
    parameters = {
        "stream_ids": _identifiers(stream_ids),
        "epochs": arrays.numbers(epochs),
        "first_sequences": arrays.numbers(first_sequences),
        "last_sequences": arrays.numbers(last_sequences),
    }
    numbers: list[int] = _ADVANCE.execute(connection, parameters).scalar_one()
    return set(stream_ids) if len(numbers) == len(parts) else {stream_ids[number - 1] for number in numbers}


def positions(connection: Connection, stream_ids: Iterable[UUID]) -> dict[UUID, StreamPosition]:
    """Return the positions of streams; expired streams are missing."""
    rows = connection.execute(_POSITIONS, {"stream_ids": _identifiers(stream_ids)})
    return {row.stream_id: StreamPosition(row.epoch, row.committed_sequence) for row in rows}


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

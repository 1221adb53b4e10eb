"""presence_journal: accepted events, appended before facts are made of them (docs/streams.md#journal)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database import arrays
from servicekit.database.prepared_statement import PreparedStatement
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.journal import JournalRecord
from tracking_service.store.journal_format import decoded, encoded, traces
from tracking_service.store.shards import grouping_of

#: The journal is a ring of partitions, one for each hour of the day (UTC), which are emptied as a whole.
HOURS = 24
#: A record is in the partition of the hour in which its transaction began. No append takes longer than this.
MAX_APPEND = timedelta(minutes=5)

#: A writer that appended nothing for so long is deleted once all it wrote is folded; its process registers another one
#: if it goes on. Every fold writes the positions of all writers, so they should be few. A process that could not reach
#: the database for longer may append its last flush twice.
IDLE_WRITER_LIFETIME = "interval '1 hour'"

WriterId = int

_REGISTER = text("INSERT INTO journal_writers DEFAULT VALUES RETURNING writer_id")

_LAST_RECORD = text("SELECT last_record FROM journal_writers WHERE writer_id = :writer_id FOR UPDATE")

_LAST_RECORDS = text("SELECT writer_id, last_record FROM journal_writers")

_EMPTY_OLD = text("SELECT empty_old_journal(:retention_hours)")

_IS_IDLE = f"last_appended_at < now() - {IDLE_WRITER_LIFETIME}"
_IDLE_WRITERS = text(f"SELECT writer_id, last_record FROM journal_writers WHERE {_IS_IDLE}")  # noqa: S608 - a constant
_DELETE_WRITERS = text(f"""
    -- One that appends meanwhile is not deleted: this waits for its row, and looks at it again.
    DELETE FROM journal_writers WHERE writer_id = ANY (CAST(:writer_ids AS integer[])) AND {_IS_IDLE}
""")  # noqa: S608 - a constant

_APPEND = PreparedStatement(
    "append_to_journal",
    """
    -- The writer's row numbers its flushes in the order of their commits. One that is written already is not written
    -- again.
    WITH writer AS (
        UPDATE journal_writers SET last_record = :record, last_appended_at = now()
        WHERE writer_id = :writer_id AND last_record = :record - 1
        RETURNING writer_id
    )
    INSERT INTO presence_journal (hour, bucket, writer_id, record, payload)
    SELECT CAST(date_part('hour', timezone('UTC', now())) AS smallint), flush.bucket, writer.writer_id, :record,
        flush.payload
    FROM writer
    CROSS JOIN unnest(
        CAST(:buckets AS smallint[]), CAST(:payloads AS bytea[])
    ) AS flush (bucket, payload)
    """,
    {
        "record": "bigint",
        "writer_id": "integer",
        "buckets": "smallint[]",
        "payloads": "bytea[]",
    },
)

_READ_SQL = """
    -- Records by the buckets and writers that are asked for, each after a number and up to another.
    SELECT journal.bucket, journal.writer_id, journal.record, journal.payload
    FROM unnest(
        CAST(:buckets AS smallint[]), CAST(:writer_ids AS integer[]), CAST(:after AS bigint[]),
        CAST(:until AS bigint[])
    ) AS wanted (bucket, writer_id, after, until)
    JOIN presence_journal AS journal ON journal.hour = ANY (CAST(:hours AS smallint[]))
        AND journal.bucket = wanted.bucket AND journal.writer_id = wanted.writer_id
        AND journal.record > wanted.after AND journal.record <= wanted.until
"""
_READ = text(_READ_SQL)
#: To search a record costs PostgreSQL 5 us; to read it costs the service 36, and PostgreSQL 9.
_SEARCH = text(f"""{_READ_SQL}
    WHERE EXISTS (
        SELECT FROM unnest(CAST(:traces AS bytea[])) AS traces (trace) WHERE position(trace IN journal.payload) > 0
    )
""")


class Wanted(NamedTuple):
    """Records that are to be read."""

    bucket: int
    writer_id: WriterId
    #: Its records with higher numbers,
    after: int
    #: up to this one.
    until: int


class StoredRecord(NamedTuple):
    """A record, and where it stands in the journal."""

    writer_id: WriterId
    number: int
    content: JournalRecord


def register(connection: Connection) -> WriterId:
    """Add a writer: a process that appends."""
    return int(connection.execute(_REGISTER).scalar_one())


def last_record(connection: Connection, writer_id: WriterId) -> int | None:
    """Return the number of a writer's last flush, after waiting for one that is being written; None: no such writer."""
    number: int | None = connection.execute(_LAST_RECORD, {"writer_id": writer_id}).scalar_one_or_none()
    return number


def last_records(connection: Connection) -> dict[WriterId, int]:
    """Return the number of every writer's last flush."""
    return {row.writer_id: row.last_record for row in connection.execute(_LAST_RECORDS)}


def append(connection: Connection, writer_id: WriterId, number: int, records: Sequence[JournalRecord]) -> bool:
    """Append the records of one flush; False: the writer is gone, or its next number is another one."""
    parameters = {
        "record": number,
        "writer_id": writer_id,
        "buckets": arrays.numbers(record.bucket for record in records),
        "payloads": arrays.byte_strings(map(encoded, records)),
    }
    return _APPEND.execute(connection, parameters).rowcount == len(records)


def empty_old(connection: Connection, *, retention_hours: int) -> int:
    """Empty the partitions of hours that ended so many hours ago and are folded; return how many there were."""
    return int(connection.execute(_EMPTY_OLD, {"retention_hours": retention_hours}).scalar_one())


def idle_writers(connection: Connection) -> dict[WriterId, int]:
    """Return the number of the last flush of each writer that seems to be gone."""
    return {row.writer_id: row.last_record for row in connection.execute(_IDLE_WRITERS)}


def delete_writers(connection: Connection, writer_ids: Iterable[WriterId]) -> int:
    """Delete those of some writers that are gone, and return how many there were."""
    return connection.execute(_DELETE_WRITERS, {"writer_ids": arrays.numbers(writer_ids)}).rowcount


def read(
    connection: Connection,
    wanted: Iterable[Wanted],
    groups: Collection[int],
    *,
    since: datetime,
    now: datetime,
    sessions: Collection[WhiteboardSessionId] | None = None,
) -> list[StoredRecord]:
    """Return records, with the events of some groups; none of them is older than `since`.

    With `sessions`, records that do not concern these are left out, most of them.
    """
    rows = list(wanted)
    parameters = {
        "buckets": arrays.numbers(one.bucket for one in rows),
        "writer_ids": arrays.numbers(one.writer_id for one in rows),
        "after": arrays.numbers(one.after for one in rows),
        "until": arrays.numbers(one.until for one in rows),
        "hours": arrays.numbers(hours_between(since - MAX_APPEND, now)),
    }
    statement = _READ
    if sessions is not None:
        statement = _SEARCH
        parameters["traces"] = arrays.byte_strings(trace for one in sessions for trace in traces(one))
    grouping = grouping_of(connection)
    return [
        StoredRecord(row.writer_id, row.record, decoded(row.bucket, row.payload, groups, grouping))
        for row in connection.execute(statement, parameters)
    ]


def hours_between(since: datetime, until: datetime) -> list[int]:
    """Return the partitions that hold what was appended between two times."""
    first = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    count = min(max((until - first) // timedelta(hours=1) + 1, 1), HOURS)
    return [(first + timedelta(hours=hour)).hour for hour in range(count)]


def wanted_records(
    positions: Mapping[int, Mapping[WriterId, int]],
    buckets: Mapping[int, Sequence[int]],
    written: Mapping[WriterId, int],
) -> Iterator[Wanted]:
    """Yield what is to be read for groups of sessions.

    `positions` are the numbers up to which each group is folded by writer, `buckets` the buckets of each group,
    `written` the writers' last numbers.
    """
    after: dict[tuple[int, WriterId], int] = {}
    for group, by_writer in positions.items():
        for writer_id, until in written.items():
            position = by_writer.get(writer_id, 0)
            if position >= until:
                continue
            for bucket in buckets[group]:
                after[bucket, writer_id] = min(after.get((bucket, writer_id), position), position)
    for (bucket, writer_id), position in after.items():
        yield Wanted(bucket, writer_id, position, written[writer_id])

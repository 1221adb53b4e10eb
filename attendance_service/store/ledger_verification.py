"""Reading the ledger with its chains and checkpoints, to verify it (docs/decisions.md#hash-chains)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.ledger_chain import (
    ChainEntry,
    Checkpoint,
    CheckpointHead,
    RowContent,
    RowReference,
    SessionLedger,
)
from attendance_service.domain.personal_data import COLUMNS
from servicekit.database.engine import Database
from servicekit.personal_data.columns import Names

#: Sessions that are read together: some megabytes with their evidence.
SESSIONS_PER_BATCH = 500

#: Rows and entries are of one time, so that what is written meanwhile is not taken for a fault.
_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

_COUNT_SESSIONS = text("SELECT count(*) FROM sessions")
_SESSIONS_AFTER = text("SELECT id FROM sessions WHERE id > :after ORDER BY id LIMIT :count")

_ENTRIES = text("""
SELECT session_id, position, table_name, row_key, content_hash, chain_hash, personal
FROM ledger_entries WHERE session_id = ANY (:sessions) ORDER BY session_id, position
""")

#: The rows of each table of the ledger with their keys, and where their session is to be found.
_ROWS = {
    "attendance_decisions": ("id", "own.session_id", ""),
    "attendance_student_decisions": ("id", "own.session_id", ""),
    "absence_notices": ("id", "own.session_id", ""),
    "attendance_claims": ("id", "own.session_id", ""),
    "attendance_claim_answers": (
        "claim_id",
        "claim.session_id",
        "JOIN attendance_claims AS claim ON claim.id = own.claim_id",
    ),
}


def _rows_of(table: str) -> str:
    key, session, join = _ROWS[table]
    personal = ", ".join(f"'{name}'" for name, names in COLUMNS[table].items() if names is not Names.NOBODY)
    return f"""SELECT {session} AS session_id, '{table}' AS table_name, own.{key}::text AS row_key,
           to_jsonb(own) AS entry, ARRAY[{personal}] AS personal
    FROM {table} AS own {join} WHERE {session} = ANY (:sessions)"""  # noqa: S608 - constants


#: What is hashed is put together here, not by the functions that the chains were made with: these could be replaced.
_CONTENTS = text(f"""
SELECT ledger.session_id, table_name, row_key, salted.salts,
       (SELECT jsonb_object_agg(key, value)::text FROM jsonb_each(entry - personal) WHERE value <> 'null') AS kept,
       (SELECT COALESCE(jsonb_object_agg(key, value::text), '{{}}') FROM jsonb_each(entry)
        WHERE key = ANY (personal) AND value <> 'null') AS personal
FROM ({" UNION ALL ".join(map(_rows_of, _ROWS))}) AS ledger
LEFT JOIN ledger_salts AS salted USING (table_name, row_key)
""")  # noqa: S608 - constants

_HEADS = text("""
SELECT head.session_id, head.position, head.chain_hash, checkpoint.day
FROM ledger_checkpoint_heads AS head JOIN ledger_checkpoints AS checkpoint ON checkpoint.id = head.checkpoint_id
WHERE head.session_id = ANY (:sessions) ORDER BY head.session_id, head.position
""")

_CHECKPOINTS = text("SELECT id, day, hash FROM ledger_checkpoints ORDER BY id")
_HEADS_OF_CHECKPOINT = text("""
SELECT session_id, position, chain_hash FROM ledger_checkpoint_heads
WHERE checkpoint_id = :checkpoint ORDER BY session_id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerBatch:
    """Some sessions that were read together."""

    #: How many; not all have a ledger.
    sessions: int
    ledgers: list[SessionLedger]


def count_sessions(database: Database) -> int:
    """Return how many sessions there are; StorageUnavailable."""
    with database.transaction() as connection:
        return int(connection.execute(_COUNT_SESSIONS).scalar_one())


def session_ledgers(database: Database) -> Iterator[LedgerBatch]:
    """Read the ledgers of all sessions, batch by batch; StorageUnavailable."""
    after = 0
    while True:
        with database.transaction() as connection:
            connection.execute(_SNAPSHOT)
            batch = {"after": after, "count": SESSIONS_PER_BATCH}
            sessions = list(connection.execute(_SESSIONS_AFTER, batch).scalars())
            ledgers = _ledgers_of(connection, sessions)
        if not sessions:
            return
        yield LedgerBatch(sessions=len(sessions), ledgers=ledgers)
        after = sessions[-1]


def checkpoints(database: Database) -> Iterator[Checkpoint]:
    """Read all checkpoints in order of time; StorageUnavailable."""
    with database.transaction() as connection:
        connection.execute(_SNAPSHOT)
        for row in connection.execute(_CHECKPOINTS).mappings().all():
            heads = connection.execute(_HEADS_OF_CHECKPOINT, {"checkpoint": row["id"]}).mappings()
            yield Checkpoint(
                day=row["day"],
                hash=bytes(row["hash"]),
                heads=[
                    CheckpointHead(
                        session_id=head["session_id"],
                        position=head["position"],
                        chain_hash=bytes(head["chain_hash"]),
                        day=row["day"],
                    )
                    for head in heads
                ],
            )


def _ledgers_of(connection: Connection, sessions: list[int]) -> list[SessionLedger]:
    of_these = {"sessions": sessions}
    contents: defaultdict[int, dict[RowReference, RowContent]] = defaultdict(dict)
    for row in connection.execute(_CONTENTS, of_these).mappings():
        contents[row["session_id"]][RowReference(row["table_name"], row["row_key"])] = RowContent(
            kept=row["kept"], personal=row["personal"], salts=row["salts"] or {}
        )
    by_session = itemgetter("session_id")
    entries = {
        session: [
            ChainEntry(
                position=row["position"],
                row=RowReference(row["table_name"], row["row_key"]),
                content_hash=bytes(row["content_hash"]),
                chain_hash=bytes(row["chain_hash"]),
                personal=row["personal"],
            )
            for row in rows
        ]
        for session, rows in groupby(connection.execute(_ENTRIES, of_these).mappings(), by_session)
    }
    heads = {
        session: [
            CheckpointHead(
                session_id=session, position=row["position"], chain_hash=bytes(row["chain_hash"]), day=row["day"]
            )
            for row in rows
        ]
        for session, rows in groupby(connection.execute(_HEADS, of_these).mappings(), by_session)
    }
    return [
        SessionLedger(
            session_id=session,
            entries=entries.get(session, []),
            contents=contents.get(session, {}),
            heads=heads.get(session, []),
        )
        for session in sessions
        if session in entries or session in contents or session in heads
    ]

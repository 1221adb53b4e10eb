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
    RowReference,
    SessionLedger,
)
from servicekit.database.engine import Database

#: Sessions that are read together: some megabytes with their evidence.
SESSIONS_PER_BATCH = 500

#: Rows and entries are of one time, so that what is written meanwhile is not taken for a fault.
_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

_COUNT_SESSIONS = text("SELECT count(*) FROM sessions")
_SESSIONS_AFTER = text("SELECT id FROM sessions WHERE id > :after ORDER BY id LIMIT :count")

_ENTRIES = text("""
SELECT session_id, position, table_name, row_key, content_hash, chain_hash
FROM ledger_entries WHERE session_id = ANY (:sessions) ORDER BY session_id, position
""")

#: What is hashed is put together here, not by the function that the chains were made with: that could be replaced.
_CONTENTS = text("""
SELECT session_id, table_name, row_key,
       (SELECT jsonb_object_agg(key, value)::text FROM jsonb_each(entry) WHERE value <> 'null') AS content
FROM (
    SELECT session_id, 'attendance_decisions' AS table_name, id::text AS row_key, to_jsonb(decision) AS entry
    FROM attendance_decisions AS decision WHERE session_id = ANY (:sessions)
    UNION ALL
    SELECT session_id, 'attendance_student_decisions', concat_ws('/', decision_id, student_id), to_jsonb(about)
    FROM attendance_student_decisions AS about WHERE session_id = ANY (:sessions)
    UNION ALL
    SELECT session_id, 'absence_notices', id::text, to_jsonb(notice)
    FROM absence_notices AS notice WHERE session_id = ANY (:sessions)
    UNION ALL
    SELECT session_id, 'attendance_claims', id::text, to_jsonb(claim)
    FROM attendance_claims AS claim WHERE session_id = ANY (:sessions)
    UNION ALL
    SELECT claim.session_id, 'attendance_claim_answers', claim.id::text, to_jsonb(answered)
    FROM attendance_claim_answers AS answered JOIN attendance_claims AS claim ON claim.id = answered.claim_id
    WHERE claim.session_id = ANY (:sessions)
) AS ledger
""")

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
    contents: defaultdict[int, dict[RowReference, str]] = defaultdict(dict)
    for row in connection.execute(_CONTENTS, of_these).mappings():
        contents[row["session_id"]][RowReference(row["table_name"], row["row_key"])] = row["content"]
    by_session = itemgetter("session_id")
    entries = {
        session: [
            ChainEntry(
                position=row["position"],
                row=RowReference(row["table_name"], row["row_key"]),
                content_hash=bytes(row["content_hash"]),
                chain_hash=bytes(row["chain_hash"]),
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

"""Taking checkpoints of all chains of the ledger (docs/decisions.md#hash-chains)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from attendance_service.store.executor import DatabaseExecutor, select

#: Entries carry the time at which their transaction began. None is open for as long as this.
_LONGEST_TRANSACTION = "interval '1 hour'"

_IS_DUE = text("SELECT NOT EXISTS (SELECT FROM ledger_checkpoints WHERE day = CURRENT_DATE) AS is_due")

#: Does nothing where another replica was faster. Heads are packed as `checkpoint_hash` does it.
_TAKE = text(f"""
WITH last AS (
    SELECT hash, taken_at FROM ledger_checkpoints ORDER BY id DESC LIMIT 1
), grown AS (
    SELECT DISTINCT session_id FROM ledger_entries
    WHERE recorded_at > COALESCE((SELECT taken_at - {_LONGEST_TRANSACTION} FROM last), '-infinity')
), heads AS (
    SELECT grown.session_id, head.position, head.chain_hash
    FROM grown
    CROSS JOIN LATERAL (
        SELECT position, chain_hash FROM ledger_entries
        WHERE session_id = grown.session_id ORDER BY position DESC LIMIT 1) AS head
    WHERE NOT EXISTS (
        SELECT FROM ledger_checkpoint_heads AS known
        WHERE known.session_id = grown.session_id AND known.position = head.position)
), packed AS (
    SELECT string_agg(int4send(session_id) || int4send(position) || chain_hash, '' ORDER BY session_id) AS bytes
    FROM heads
), taken AS (
    INSERT INTO ledger_checkpoints (day, hash)
    SELECT CURRENT_DATE, sha256(COALESCE((SELECT hash FROM last), '') || COALESCE(packed.bytes, '')) FROM packed
    ON CONFLICT (day) DO NOTHING
    RETURNING id, hash
), written AS (
    INSERT INTO ledger_checkpoint_heads (session_id, position, checkpoint_id, chain_hash)
    SELECT session_id, position, taken.id, chain_hash FROM heads CROSS JOIN taken
)
SELECT hash, (SELECT count(*) FROM heads) AS sessions FROM taken
""")  # noqa: S608 - a constant of ours


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenCheckpoint:
    """A checkpoint that was just taken."""

    hash: bytes
    #: So many sessions had something new.
    sessions: int


class LedgerCheckpointStore:
    """Writes checkpoints."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def take_if_due(self) -> TakenCheckpoint | None:
        """Take the checkpoint of the day (UTC); None if there is one. StorageUnavailable."""
        (is_due,) = await self._executor.run(select(_IS_DUE, {}, lambda row: bool(row["is_due"])))
        if not is_due:
            return None
        taken = await self._executor.run(
            select(_TAKE, {}, lambda row: TakenCheckpoint(hash=bytes(row["hash"]), sessions=row["sessions"]))
        )
        return taken[0] if taken else None

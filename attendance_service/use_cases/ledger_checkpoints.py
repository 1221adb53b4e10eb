"""A checkpoint of the ledger each day (docs/decisions.md#hash-chains)."""

from __future__ import annotations

import asyncio
import logging

from attendance_service.store.ledger_checkpoints import LedgerCheckpointStore
from servicekit.errors import Unavailable

_log = logging.getLogger(__name__)

#: Seconds between two looks at whether a checkpoint is due, the first one after the start included: the day's comes
#: within this time after midnight (UTC).
CHECK_INTERVAL_SECONDS = 600.0


class CheckpointJob:
    """Takes checkpoints; any number of replicas may run it."""

    def __init__(self, checkpoints: LedgerCheckpointStore, interval_seconds: float = CHECK_INTERVAL_SECONDS) -> None:
        """Nothing runs before `run`."""
        self._checkpoints = checkpoints
        self._interval_seconds = interval_seconds
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Take each day's checkpoint until `stop`. While the database is away, it waits."""
        while not await self._is_stopped_within(self._interval_seconds):
            try:
                await self._take_if_due()
            except Unavailable as error:
                _log.warning("no checkpoint of the ledger can be taken at the moment", extra={"reason": error.reason})
            except Exception:  # noqa: BLE001 - logged; a fault must not end the job
                _log.exception("no checkpoint of the ledger could be taken")

    def stop(self) -> None:
        """Let `run` end after what it is doing."""
        self._stopping.set()

    async def _take_if_due(self) -> None:
        """Take a checkpoint if there is none of this day yet, and log its hash: the log is kept elsewhere."""
        taken = await self._checkpoints.take_if_due()
        if taken is not None:
            _log.info(
                "took a checkpoint of the ledger", extra={"checkpoint": taken.hash.hex(), "sessions": taken.sessions}
            )

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

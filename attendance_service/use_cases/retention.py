"""Keeps to the retention times of notes and evidence (docs/operations.md#retention)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from attendance_service.store.retention import RetentionStore
from servicekit.database.walk import Part, pause_seconds
from servicekit.errors import Unavailable

_log = logging.getLogger(__name__)

#: What is kept ages by days.
CHECK_INTERVAL_SECONDS = 3600.0


class RetentionJob:
    """Deletes what is older than its time; any number of replicas may run it, one of them works."""

    def __init__(self, retention: RetentionStore, interval_seconds: float = CHECK_INTERVAL_SECONDS) -> None:
        """Nothing runs before `run`."""
        self._retention = retention
        self._interval_seconds = interval_seconds
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Delete until `stop`. While the database is away, it waits."""
        while not await self._is_stopped_within(self._interval_seconds):
            try:
                await self._delete_all(self._retention.reduce_evidence)
                await self._delete_all(self._retention.delete_notes)
            except Unavailable as error:
                _log.warning("what is old can't be deleted at the moment", extra={"reason": error.reason})
            except Exception:  # noqa: BLE001 - logged; a fault must not end the job
                _log.exception("what is old could not be deleted")

    def stop(self) -> None:
        """Let `run` end after what it is doing."""
        self._stopping.set()

    async def _delete_all(self, delete: Callable[[], Part]) -> None:
        is_stopped, goes_on = False, True
        while goes_on and not is_stopped:
            started = asyncio.get_running_loop().time()
            done, goes_on = await asyncio.to_thread(delete)
            if done:
                _log.info("deleted what is older than its retention time", extra={"by": delete.__name__, "of": done})
            took = asyncio.get_running_loop().time() - started
            is_stopped = await self._is_stopped_within(pause_seconds(took)) if goes_on else False

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

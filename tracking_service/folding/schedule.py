"""When the journal is folded: at once while little happens, in turns while much does (docs/streams.md#folding)."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.folding.fold import ALL_GROUPS, Folder

_log = logging.getLogger(__name__)

#: Documented columns follow within a second at light load. A fold of nothing takes a millisecond.
MIN_CYCLE_SECONDS = 0.25
#: They follow within a minute at any load.
MAX_CYCLE_SECONDS = 45.0
#: The share of its time for which this process folds: the rest of PostgreSQL is for appends and queries.
MAX_SHARE = 0.35
#: Heartbeats and events that one transaction folds; it locks its groups for a tenth of a second.
MAX_EVENTS_PER_FOLD = 5_000
#: While storage is unavailable, nothing new is appended either.
RETRY_SECONDS = 1.0


class FoldSchedule:
    """Folds all groups again and again, in a thread of its own."""

    def __init__(self, folder: Folder) -> None:
        """Nothing is folded before `run`."""
        self._folder = folder
        self._executor: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fold")
        self._slices = 1
        self._cycle_seconds = MIN_CYCLE_SECONDS

    async def run(self) -> None:
        """Fold until cancelled."""
        while True:
            try:
                await self._cycle()
            except StorageConflict:
                _log.warning("another transaction was in the way of a fold")
            except StorageUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:  # noqa: BLE001 - one failed fold must not end all later ones
                _log.exception("folding failed")
                await asyncio.sleep(RETRY_SECONDS)

    async def _cycle(self) -> None:
        """Fold each group once, spread over the time that a cycle takes."""
        loop = asyncio.get_running_loop()
        pause, events, busy = self._cycle_seconds / self._slices, 0, 0.0
        for number in range(self._slices):
            started = loop.time()
            groups = ALL_GROUPS[number :: self._slices]
            events += await loop.run_in_executor(self._executor, self._folder.fold, groups)
            took = loop.time() - started
            busy += took
            await asyncio.sleep(max(pause - took, 0))
        self._slices = min(max(-(-events // MAX_EVENTS_PER_FOLD), 1), len(ALL_GROUPS))
        self._cycle_seconds = min(max(busy / MAX_SHARE, MIN_CYCLE_SECONDS), MAX_CYCLE_SECONDS)

"""Folds the journal for as long as the process runs (docs/streams.md#folding)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.domain.fold_rhythm import LOOK_SECONDS, FoldRhythm
from tracking_service.folding.fold import Folder

_log = logging.getLogger(__name__)

#: While storage is unavailable, nothing new is appended either.
RETRY_SECONDS = 1.0
#: Documented columns follow within a minute. Whoever reads only tables sees older ones than that.
MAX_LAG_SECONDS = 60.0
#: While folding lags, it is logged this often.
LAG_LOG_SECONDS = 60.0

_ResultT = TypeVar("_ResultT")


class FoldSchedule:
    """Folds all groups again and again, in a thread of its own."""

    def __init__(self, folder: Folder) -> None:
        """Nothing is folded before `run`."""
        self._folder = folder
        self._instruments = folder.instruments
        self._rhythm = FoldRhythm()
        self._executor: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fold")
        self._logged_at: float | None = None
        #: Before, groups are as old as the time for which no service ran, although nothing was appended in it.
        self._has_folded = False

    async def run(self) -> None:
        """Fold until cancelled."""
        while True:
            try:
                await self._take_turn()
            except StorageConflict as error:
                self._instruments.failures.inc()
                _log.warning("another transaction was in the way of a fold", extra={"cause": str(error.__cause__)})
            except StorageUnavailable:
                self._instruments.failures.inc()
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:  # noqa: BLE001 - one failed fold must not end all later ones
                self._instruments.failures.inc()
                _log.exception("folding failed")
                await asyncio.sleep(RETRY_SECONDS)

    async def _take_turn(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        ages = await self._in_thread(self._folder.ages)
        if self._has_folded:
            self._note_lag(max(age.lag_seconds for age in ages))
        groups = self._rhythm.due(ages)
        if groups:
            await self._fold(groups, ends_at=began + self._rhythm.turn_seconds)
            self._has_folded = True
        await asyncio.sleep(max(began + LOOK_SECONDS - loop.time(), 0))

    async def _fold(self, groups: Sequence[int], *, ends_at: float) -> None:
        """Fold groups in steps that leave time to others."""
        loop = asyncio.get_running_loop()
        busy, steps = 0.0, self._folder.steps(groups)
        while True:
            began = loop.time()
            step = await self._in_thread(lambda: next(steps, None))
            took = loop.time() - began
            busy += took
            if step is None:
                break
            self._instruments.seconds.observe(took)
            await asyncio.sleep(self._rhythm.pause_seconds(took, ends_at - loop.time()))
        self._rhythm.note(groups, busy)

    def _note_lag(self, lag: float) -> None:
        self._instruments.note_lag(lag)
        now = asyncio.get_running_loop().time()
        if lag <= MAX_LAG_SECONDS:
            if self._logged_at is not None:
                _log.warning("folding is no longer behind")
            self._logged_at = None
        elif self._logged_at is None or now - self._logged_at >= LAG_LOG_SECONDS:
            _log.warning("folding is behind: tables show what was true then", extra={"seconds": round(lag, 1)})
            self._logged_at = now

    async def _in_thread(self, work: Callable[[], _ResultT]) -> _ResultT:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

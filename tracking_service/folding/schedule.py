"""Folds the journal for as long as the process runs (docs/streams.md#folding)."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean
from typing import Final, NamedTuple, TypeVar

from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.domain.fold_rhythm import LOOK_SECONDS, Age, Folded, FoldRhythm, Pace
from tracking_service.domain.grouping import ALL_GROUPS, GROUPS
from tracking_service.folding.fold import Folder
from tracking_service.folding.fold_process import FoldProcess, FoldSettings
from tracking_service.folding.turn import Turn, take_turn
from tracking_service.instruments.folding import FoldInstruments

_log = logging.getLogger(__name__)

#: While storage is unavailable, nothing new is appended either.
RETRY_SECONDS = 1.0
#: To each further failure of the same server a second is added, up to this.
MAX_RETRY_SECONDS = 5.0
#: Shards that are folded at the same time. A server that hangs, and does not even refuse, keeps those of its shards.
MAX_FOLDS = 4
#: Documented columns follow within a minute. Whoever reads only tables sees older ones than that.
MAX_LAG_SECONDS = 60.0
#: While folding lags, it is logged this often.
LAG_LOG_SECONDS = 60.0

_ResultT = TypeVar("_ResultT")


class FoldSchedule:
    """Folds all groups again and again, in threads of its own: those of each shard by themselves.

    So a server that does not answer holds up its own sessions alone.
    """

    def __init__(self, folder: Folder, settings: FoldSettings) -> None:
        """Nothing is folded before `run`; `settings` are for the processes that fold when there is much to do."""
        self._folder = folder
        self._settings = settings
        self._stopping = threading.Event()
        self._executor: Final = ThreadPoolExecutor(max_workers=MAX_FOLDS, thread_name_prefix="fold")

    async def run(self) -> None:
        """Fold until cancelled."""
        by_shard, lags = await self._shards(), _Lags(self._folder.instruments)
        shards = [
            _ShardSchedule(
                self._folder,
                FoldProcess(self._settings, self._folder.instruments),
                _Threads(self._executor, self._stopping),
                groups,
                shards=len(by_shard),
                lags=lags,
            )
            for groups in by_shard
        ]
        try:
            async with asyncio.TaskGroup() as tasks:
                for shard in shards:
                    tasks.create_task(shard.run())
        finally:
            self._stopping.set()
            for shard in shards:
                shard.end()

    async def _shards(self) -> list[Sequence[int]]:
        """Return the groups of each shard, as soon as the database can be asked."""
        while True:
            try:
                grouping = await asyncio.get_running_loop().run_in_executor(self._executor, self._folder.grouping)
            except StorageUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return grouping.by_shard(ALL_GROUPS)


class _Threads(NamedTuple):
    """In which threads turns are taken, and what ends them early."""

    executor: ThreadPoolExecutor
    stopping: threading.Event


class _Lags:
    """How far behind the shards are; it is logged of the one that is furthest behind."""

    def __init__(self, instruments: FoldInstruments) -> None:
        """Nothing is behind."""
        self._instruments = instruments
        self._by_shard: dict[int, float] = {}
        self._logged_at: float | None = None

    def note(self, shard: int, seconds: float) -> None:
        """Note how far behind a shard is, whatever number it is known by."""
        self._by_shard[shard] = seconds
        lag = max(self._by_shard.values())
        self._instruments.note_lag(lag)
        now = asyncio.get_running_loop().time()
        if lag <= MAX_LAG_SECONDS:
            if self._logged_at is not None:
                _log.warning("folding is no longer behind")
            self._logged_at = None
        elif self._logged_at is None or now - self._logged_at >= LAG_LOG_SECONDS:
            _log.warning("folding is behind: tables show what was true then", extra={"seconds": round(lag, 1)})
            self._logged_at = now


class _ShardSchedule:
    """Folds the groups of one shard; of the only one there is, if facts are in one PostgreSQL."""

    def __init__(
        self,
        folder: Folder,
        process: FoldProcess,
        threads: _Threads,
        groups: Sequence[int],
        *,
        shards: int,
        lags: _Lags,
    ) -> None:
        """Nothing is folded before `run`; it is one of `shards`, and `lags` are those of all."""
        self._folder = folder
        self._instruments = folder.instruments
        self._groups = groups
        self._rhythm = FoldRhythm(groups, shards=shards)
        self._process = process
        self._threads = threads
        self._lags = lags
        self._answered_at = asyncio.get_running_loop().time()
        #: Before, groups are as old as the time for which no service ran, although nothing was appended in it.
        self._has_folded = False
        #: How often the server of the shard failed to answer, one time after the other.
        self._failures = 0

    async def run(self) -> None:
        """Fold until cancelled."""
        while True:
            try:
                await self._take_turn()
                self._note_answer()
            except StorageConflict as error:
                self._instruments.failures.inc()
                _log.warning("another transaction was in the way of a fold", extra={"cause": str(error.__cause__)})
            except StorageUnavailable as error:
                self._instruments.failures.inc()
                await asyncio.sleep(self._note_failure(error))
            except Exception:  # noqa: BLE001 - one failed fold must not end all later ones
                self._instruments.failures.inc()
                _log.exception("folding failed")
                await asyncio.sleep(RETRY_SECONDS)

    def end(self) -> None:
        """End the process that folds."""
        self._process.end()

    def _note_failure(self, error: StorageUnavailable) -> float:
        """Note that the server did not answer, and return how long to wait."""
        if not self._is_one_of_several:
            return RETRY_SECONDS
        self._failures += 1
        self._lags.note(self._groups[0], asyncio.get_running_loop().time() - self._answered_at)
        if self._failures == 1:
            _log.error(
                "the server of a shard does not answer: its sessions wait, and what was accepted of them is kept",
                extra={"groups": f"{self._groups[0]}-{self._groups[-1]}", "cause": str(error.__cause__)},
            )
        return min(RETRY_SECONDS * self._failures, MAX_RETRY_SECONDS)

    def _note_answer(self) -> None:
        self._answered_at = asyncio.get_running_loop().time()
        if self._failures:
            _log.warning(
                "the server of a shard answers again", extra={"groups": f"{self._groups[0]}-{self._groups[-1]}"}
            )
        self._failures = 0

    @property
    def _is_one_of_several(self) -> bool:
        return len(self._groups) < GROUPS

    async def _take_turn(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        ages = await self._in_thread(lambda: self._folder.ages(self._groups))
        if self._has_folded:
            self._lags.note(self._groups[0], max(age.lag_seconds for age in ages))
        groups = self._rhythm.due(ages)
        if groups:
            await self._fold(groups, ages, ends_at=began + self._rhythm.turn_seconds)
            self._has_folded = True
        await asyncio.sleep(max(began + LOOK_SECONDS - loop.time(), 0))

    async def _fold(self, groups: Sequence[int], ages: Sequence[Age], *, ends_at: float) -> None:
        pace = self._rhythm.pace(ends_at - asyncio.get_running_loop().time())
        turn = await self._in_thread(lambda: self._fold_now(groups, pace))
        for step_seconds in turn.step_seconds:
            self._instruments.seconds.observe(step_seconds)
        waited = fmean(ages[group - self._groups[0]].seconds for group in groups)
        self._rhythm.note(Folded(groups, sum(turn.step_seconds), turn.weight, waited))

    def _fold_now(self, groups: Sequence[int], pace: Pace) -> Turn:
        if self._rhythm.is_light:
            return take_turn(self._folder, groups, pace, wait=self._threads.stopping.wait)
        # In a thread a long turn would keep the interpreter from streams.
        return self._process.take_turn(groups, pace)

    async def _in_thread(self, work: Callable[[], _ResultT]) -> _ResultT:
        return await asyncio.get_running_loop().run_in_executor(self._threads.executor, work)

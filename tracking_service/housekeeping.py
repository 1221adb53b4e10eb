"""What runs beside the calls: the clock's offset, coverage, the sweeper, forgotten streams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database.clock import MEASURE_INTERVAL_SECONDS, DatabaseClock
from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.ingest.committer import GroupCommitter
from tracking_service.ingest.coverage import Coverage
from tracking_service.recording.sweeper import Sweeper

_log = logging.getLogger(__name__)

#: Status is told live; columns and log may lag behind a lost connection by the timeout and this.
SWEEP_INTERVAL_SECONDS = 10
FORGET_INTERVAL_SECONDS = 3600
#: So much coverage a killed process leaves unclaimed at most: far less than between two heartbeats. It costs one row
#: update.
COVERAGE_INTERVAL_SECONDS = 2


class Housekeeping:
    """Periodic work. Storage being away is no reason to stop: the next round tries again."""

    def __init__(
        self,
        *,
        committer: GroupCommitter,
        coverage: Coverage,
        sweeper: Sweeper,
        clock: DatabaseClock,
        presence_timeout_seconds: float,
    ) -> None:
        """Nothing runs before `run`."""
        self._committer = committer
        self._coverage = coverage
        self._sweeper = sweeper
        self._clock = clock
        self._presence_timeout_seconds = presence_timeout_seconds

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(MEASURE_INTERVAL_SECONDS, self._measure))
            group.create_task(_every(COVERAGE_INTERVAL_SECONDS, self._coverage.extend))
            group.create_task(self._coverage.watch())
            group.create_task(_every(FORGET_INTERVAL_SECONDS, self._forget))
            group.create_task(_every(SWEEP_INTERVAL_SECONDS, self._sweep))

    async def _measure(self) -> None:
        await asyncio.to_thread(self._clock.measure)

    async def _forget(self) -> None:
        await self._committer.run_between_flushes(self._sweeper.forget_streams)

    async def _sweep(self) -> None:
        await self._until_silence_tells()
        # Heartbeats that wait in the queue are signs of life too.
        while not self._committer.is_behind:
            # With a million people the look takes half a second, for which no flush is to wait.
            silent = await asyncio.to_thread(self._sweeper.find_silent)
            if not silent:
                return
            await self._committer.run_between_flushes(partial(self._sweeper.close, silent))
            _log.info("closed silent intervals", extra={"sessions": len(silent)})

    async def _until_silence_tells(self) -> None:
        """Wait until events were taken for as long as the timeout: before, silence is not the participants' own.

        So after a restart, and after an outage in which the queue was full, everybody gets the time to come back.
        """
        while (remaining := self._presence_timeout_seconds - self._seconds_of_observation()) > 0:  # noqa: ASYNC110
            # There may be an outage meanwhile.
            await asyncio.sleep(remaining)

    def _seconds_of_observation(self) -> float:
        since = self._coverage.observing_since
        return 0.0 if since is None else (self._clock.now() - since) / MICROSECONDS_PER_SECOND


async def _every(seconds: float, work: Callable[[], Any]) -> None:
    while True:
        try:
            await work()
        except StorageConflict:
            _log.warning("another transaction was in the way", extra={"work": work.__name__})
        except StorageUnavailable:
            _log.warning("storage is away", extra={"work": work.__name__})
        except Exception:  # noqa: BLE001 - one failed round must not end all later ones
            _log.exception("housekeeping failed", extra={"work": work.__name__})
        await asyncio.sleep(seconds)

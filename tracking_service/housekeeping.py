"""Periodic work beside the calls: the clock's offset, coverage, the sweeper, expired streams, retention times."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database.clock import MEASURE_INTERVAL_SECONDS, DatabaseClock
from servicekit.database.walk import Part, pause_seconds
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.folding.sweeper import MAX_SESSIONS_PER_SWEEP, Sweeper
from tracking_service.housekeeping_failures import HousekeepingFailures
from tracking_service.ingest.coverage import COVERAGE_INTERVAL_SECONDS, Coverage
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.ingest.relay_coverage import RelayCoverageRecorder
from tracking_service.instruments.folding import SweepInstruments
from tracking_service.recording.appender import Appender
from tracking_service.recording.membership import MembershipFollower
from tracking_service.recording.retention import Retention

_log = logging.getLogger(__name__)

#: The status is live. Columns and log may lag behind a lost connection by the timeout and this.
SWEEP_INTERVAL_SECONDS = 10
#: Who is taken off a whiteboard is present for so long still.
MEMBERSHIP_INTERVAL_SECONDS = 1
#: Not less than twice `tracking_service.recording.membership.MAX_TIME_BETWEEN_LOOKS`.
MEMBERSHIP_DELETION_INTERVAL_SECONDS = 3600
STREAM_EXPIRY_INTERVAL_SECONDS = 3600
#: What is kept ages by days.
RETENTION_INTERVAL_SECONDS = 3600
#: The journal is emptied by the hour; so its disk space is returned within minutes after that.
JOURNAL_INTERVAL_SECONDS = 300


class Housekeeping:
    """Runs each task at its interval. If storage is unavailable, the next round tries again."""

    def __init__(
        self,
        *,
        committer: GroupCommitter,
        appender: Appender,
        membership: MembershipFollower,
        coverage: Coverage,
        relay_coverage: RelayCoverageRecorder,
        sweeper: Sweeper,
        retention: Retention,
        clock: DatabaseClock,
        sweeps: SweepInstruments,
        presence_timeout_seconds: float,
    ) -> None:
        """Nothing runs before `run`."""
        self._committer = committer
        self._appender = appender
        self._membership = membership
        self._coverage = coverage
        self._relay_coverage = relay_coverage
        self._sweeper = sweeper
        self._retention = retention
        self._clock = clock
        self._sweeps = sweeps
        self._presence_timeout_seconds = presence_timeout_seconds
        self._failures = HousekeepingFailures()

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(MEASURE_INTERVAL_SECONDS, self._measure))
            group.create_task(self._every(COVERAGE_INTERVAL_SECONDS, self._coverage.extend))
            group.create_task(self._every(COVERAGE_INTERVAL_SECONDS, self._relay_coverage.extend))
            group.create_task(self._coverage.watch_queue())
            group.create_task(self._coverage.watch_standstill())
            group.create_task(self._every(STREAM_EXPIRY_INTERVAL_SECONDS, self._expire_streams))
            group.create_task(self._every(SWEEP_INTERVAL_SECONDS, self._sweep))
            group.create_task(self._every(MEMBERSHIP_INTERVAL_SECONDS, self._follow_membership))
            group.create_task(self._every(MEMBERSHIP_DELETION_INTERVAL_SECONDS, self._delete_membership_changes))
            group.create_task(self._every(JOURNAL_INTERVAL_SECONDS, self._empty_journal))
            group.create_task(self._every(RETENTION_INTERVAL_SECONDS, self._delete_old_facts))

    async def _every(self, seconds: float, work: Callable[[], Any]) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - logged; one failed round must not end all later ones
                self._failures.failed(work.__name__, error)
            else:
                self._failures.succeeded(work.__name__)
            await asyncio.sleep(seconds)

    async def _measure(self) -> None:
        await asyncio.to_thread(self._clock.measure)

    async def _expire_streams(self) -> None:
        await self._committer.run_between_flushes(self._sweeper.expire_streams)

    async def _sweep(self) -> None:
        await self._observed_for_timeout()
        with self._sweeps.seconds.time():
            await self._sweep_now()

    async def _sweep_now(self) -> None:
        while silent := await asyncio.to_thread(self._sweeper.find_silent):
            for part in _parts(silent):
                # Heartbeats that wait in the queue are signs of life too.
                if self._committer.is_behind:
                    return
                self._sweeps.intervals.inc(await asyncio.to_thread(self._sweeper.close, part))
                _log.info("closed silent intervals", extra={"sessions": len(part)})

    async def _follow_membership(self) -> None:
        noticed = await asyncio.to_thread(self._membership.look)
        # They are forgotten before the journal is folded: what is appended later was checked again. If somebody's
        # presence can't be ended now, they are silent from here on, and the sweeper ends it.
        if noticed.sessions is None:
            await self._committer.run_between_flushes(self._appender.forget_everybody)
            self._membership.has_dealt_with(noticed)
            while others := await asyncio.to_thread(self._sweeper.find_others):
                if not await self._close_others(others):
                    return
        elif noticed.sessions:
            await self._committer.run_between_flushes(partial(self._appender.forget_sessions, noticed.sessions))
            self._membership.has_dealt_with(noticed)
            for part in _parts(sorted(noticed.sessions)):
                await self._close_others(part)
        else:
            self._membership.has_dealt_with(noticed)

    async def _close_others(self, sessions: Sequence[WhiteboardSessionId]) -> int:
        users = await asyncio.to_thread(self._sweeper.close_others, sessions)
        if users:
            _log.info("ended the presence of users who do not take part any more", extra={"users": users})
        return users

    async def _delete_membership_changes(self) -> None:
        await asyncio.to_thread(self._membership.delete_old)

    async def _empty_journal(self) -> None:
        hours = await asyncio.to_thread(self._retention.empty_journal)
        if hours:
            _log.info("emptied the journal of past hours", extra={"hours": hours})

    async def _delete_old_facts(self) -> None:
        retention = self._retention
        for delete in (retention.delete_presence, retention.delete_events, retention.delete_coverage):
            while await self._delete_part(delete):
                pass

    async def _delete_part(self, delete: Callable[[], Part]) -> bool:
        started = asyncio.get_running_loop().time()
        part = await asyncio.to_thread(delete)
        if part.done:
            _log.info("deleted what is older than its retention time", extra={"what": delete.__name__, "of": part.done})
        if part.goes_on:
            took = asyncio.get_running_loop().time() - started
            await asyncio.sleep(pause_seconds(took))
        return part.goes_on

    async def _observed_for_timeout(self) -> None:
        """Wait until events were taken for as long as the presence timeout.

        Before that, silence may be due to the service. After a restart, and after an outage in which the queue was
        full, all participants get the time to come back.
        """
        while (remaining := self._presence_timeout_seconds - self._seconds_of_observation()) > 0:  # noqa: ASYNC110
            # There may be an outage meanwhile.
            await asyncio.sleep(remaining)

    def _seconds_of_observation(self) -> float:
        since = self._coverage.observing_since
        return 0.0 if since is None else (self._clock.now() - since) / MICROSECONDS_PER_SECOND


def _parts(session_ids: Sequence[WhiteboardSessionId]) -> Iterator[Sequence[WhiteboardSessionId]]:
    """Divide sessions into parts that are closed in one transaction each."""
    for first in range(0, len(session_ids), MAX_SESSIONS_PER_SWEEP):
        yield session_ids[first : first + MAX_SESSIONS_PER_SWEEP]

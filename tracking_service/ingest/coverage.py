"""When this replica takes events, recorded durably (DESIGN 5.7)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from servicekit.clock import Clock, Instant
from servicekit.database.engine import Database
from servicekit.errors import DomainError
from tracking_service.ingest.committer import GroupCommitter, Ticket
from tracking_service.recording.submission import Submission
from tracking_service.store import coverage
from tracking_service.store.coverage import CoveredStretch

#: A queue that is full for less is one that drains: whoever was refused comes back after as long.
BRIEFLY_FULL_SECONDS = 1.0


@dataclass(slots=True)
class _Stretch:
    """A time without a break in which this replica took events."""

    started_at: Instant
    #: None while it goes on.
    ended_at: Instant | None = None


class Coverage:
    """Records the stretches in which this replica took events.

    What is recorded is a promise like an acknowledgement: whatever was taken in until then is committed. So storage
    that is away ends no stretch, as long as the queue has room; and `kill -9` ends it at its last extension.
    """

    def __init__(self, database: Database, clock: Clock, committer: GroupCommitter) -> None:
        """Nothing is taken in yet."""
        self._database = database
        self._clock = clock
        self._committer = committer
        self._replica_id = uuid4()
        #: Those that are not recorded to their ends, oldest first; only the last can go on.
        self._stretches: list[_Stretch] = []

    @property
    def observing_since(self) -> Instant | None:
        """Since when events are taken without a break; None while none are."""
        if not self._stretches or self._stretches[-1].ended_at is not None:
            return None
        return self._stretches[-1].started_at

    def begin(self) -> None:
        """Say that events are taken from now on."""
        self._stretches.append(_Stretch(self._clock.now()))

    async def watch(self) -> None:
        """End the stretch where the queue fills, and begin another one when it has room; run until cancelled."""
        while True:
            await self._committer.filled()
            filled_at = self._clock.now()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._committer.room(), BRIEFLY_FULL_SECONDS)
                continue
            self._end(filled_at)
            await self._committer.room()
            self.begin()

    async def extend(self) -> None:
        """Record how far coverage reaches by now, as soon as what was taken in until now is committed."""
        if self._stretches and not self._committer.is_closed:
            await self._record(self._clock.now(), self._committer.enqueue(Submission(None)))

    def finish(self) -> asyncio.Task[None]:
        """Say that nothing more is taken in, before the committer is closed; the task records that, if it can."""
        now = self._clock.now()
        self._end(now)
        return asyncio.create_task(self._record_last(now, self._committer.enqueue(Submission(None))))

    def _end(self, at: Instant) -> None:
        if self._stretches and self._stretches[-1].ended_at is None:
            self._stretches[-1].ended_at = at

    async def _record_last(self, until: Instant, everything_before: Ticket) -> None:
        # What can't be committed at a stop was not acknowledged, and is not claimed to have been observed.
        with suppress(DomainError):
            await self._record(until, everything_before)

    async def _record(self, until: Instant, everything_before: Ticket) -> None:
        await everything_before.outcome
        await asyncio.to_thread(self._write, self._reached(until))
        self._stretches = [
            stretch for stretch in self._stretches if stretch.ended_at is None or stretch.ended_at > until
        ]

    def _reached(self, until: Instant) -> list[CoveredStretch]:
        return [
            CoveredStretch(stretch.started_at, until if stretch.ended_at is None else min(until, stretch.ended_at))
            for stretch in self._stretches
            if stretch.started_at <= until
        ]

    def _write(self, stretches: list[CoveredStretch]) -> None:
        with self._database.transaction() as connection:
            coverage.extend(connection, self._replica_id, stretches)

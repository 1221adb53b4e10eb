"""When this replica takes events, recorded durably (docs/presence.md#observation-gaps)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant, seconds
from servicekit.database.engine import Database
from servicekit.errors import DomainError, StorageConflict
from servicekit.gateway_probe import max_silence_seconds
from servicekit.identifiers import ReplicaId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.observation_gaps import ReplicaCoverage
from tracking_service.ingest.fair_queue import PendingWrite
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.instruments.able_to_record import AbleToRecord, Written
from tracking_service.instruments.coverage import CoverageInstruments
from tracking_service.store import observation

#: A killed process leaves at most this much coverage unrecorded, far less than the time between two heartbeats. It
#: costs one row update.
COVERAGE_INTERVAL_SECONDS = 2
#: If the queue is full for less time, no event is missed: clients that were refused retry after as long.
MAX_BRIEFLY_FULL_SECONDS = 1.0
#: How often the process checks that it is running. After a longer time without a check than the limits below allow, it
#: counts as having stood still: the machine was suspended or the process was stopped.
CHECK_INTERVAL_SECONDS = 0.5
MAX_STANDSTILL_SECONDS = 6
#: If the presence timeout is short, a quarter of it matters already, but not less than a busy machine takes.
PRESENCE_TIMEOUT_SHARE = 4
MIN_STANDSTILL_SECONDS = 1.5
#: How long after a standstill events may still be read that arrived during it. The kernel and gRPC's own threads hand
#: them over within a fraction of that, and a participant's next sign of life comes later.
CATCH_UP_SECONDS = 1.0
#: What is read before a standstill has an earlier time than what is read after it, by this many microseconds.
SEPARATION = 1_000

_log = logging.getLogger(__name__)


def max_standstill(timeout: int) -> int:
    """Return the longest time without a check that is no standstill; both are in microseconds."""
    share = timeout // PRESENCE_TIMEOUT_SHARE
    return min(max(share, seconds(MIN_STANDSTILL_SECONDS)), seconds(MAX_STANDSTILL_SECONDS))


@dataclass(slots=True)
class _CoveragePeriod:
    """A time in which this replica took events without a break."""

    started_at: Instant
    #: None while it goes on.
    ended_at: Instant | None = None


class Coverage:
    """Records the periods in which this replica took events.

    That it took events is never assumed: a period reaches no further than the last check that the process ran.

    What is recorded is a promise like an acknowledgement: everything that was taken in until then is committed. So
    storage that is unavailable ends no period, as long as the queue has room. `kill -9` ends it at its last extension.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        committer: GroupCommitter,
        *,
        timeout: int,
        instruments: CoverageInstruments | None = None,
        able: AbleToRecord | None = None,
    ) -> None:
        """`clock` counts the time for which the machine was suspended; `timeout` is in microseconds."""
        self._max_standstill = max_standstill(timeout)
        self._instruments = instruments or CoverageInstruments()
        self._able = able or AbleToRecord()
        #: Until when it is recorded that this process took events; None before the first period.
        self._recorded_until: Instant | None = None
        self._database = database
        self._clock = clock
        self._committer = committer
        self._replica_id = ReplicaId(uuid4())
        #: Those that are not recorded to their ends, oldest first; only the last can go on.
        self._periods: list[_CoveragePeriod] = []
        #: When this process ran last; None before the first period.
        self._checked_at: Instant | None = None
        #: The latest time in which this process stood still, or the gateway did.
        self._unseen: TimeRange[Instant] | None = None
        self._max_silence = seconds(max_silence_seconds(timeout / MICROSECONDS_PER_SECOND))
        #: When a participant's event or a probe's answer last came through the gateway; None: the gateway has never
        #: answered a probe, so coverage does not depend on it.
        self._heard_at: Instant | None = None

    @property
    def observing_since(self) -> Instant | None:
        """Since when events are taken without a break; None while none are, or until it is known again."""
        # Queries ask for this in threads of their own, so nothing is changed here.
        now = self._clock.now()
        if not self._is_observing or self._stood_still(now) or self._is_silent(now):
            return None
        if now < self._periods[-1].started_at:
            return None
        return self._periods[-1].started_at

    def age_seconds(self) -> float:
        """Return how long ago it was last recorded that events are taken; 0 before the first period. Thread-safe."""
        until = self._recorded_until
        return 0.0 if until is None else (self._clock.now() - until) / MICROSECONDS_PER_SECOND

    def unrecorded(self) -> list[ReplicaCoverage]:
        """Return the periods that may not be recorded to their ends yet, up to now."""
        # The same holds as for `observing_since`.
        now, checked_at = self._clock.now(), self._checked_at
        if checked_at is not None and self._stood_still(now):
            until = self._seen_until(checked_at)
        else:
            until = self._seen_until(now) if self._is_silent(now) else now
        return [ReplicaCoverage(self._replica_id, period) for period in self._reached(until)]

    def begin(self) -> None:
        """Start a period now."""
        self._start_period(self._clock.now())

    def arrival_time(self) -> Instant:
        """Return the time to give to a participant's event that was read just now.

        That is now. Directly after a standstill, of this process or of the gateway, it is the time at which that
        began: the event may have arrived at any time since, and must not count as a sign of life after it.
        """
        now = self._clock.now()
        if self._checked_at is None:
            return now
        if self._stood_still(now):
            self.check()
        self._hear(now)
        unseen = self._unseen
        if unseen is not None and now < unseen.end + seconds(CATCH_UP_SECONDS):
            return min(unseen.start, now)
        self._checked_at = max(self._checked_at, Instant(now + SEPARATION))
        return now

    def note_gateway(self) -> None:
        """Note that the gateway has answered a probe. From the first one on, nothing is covered while it is silent."""
        now = self.check()
        self._heard_at = now if self._heard_at is None else self._heard_at
        self._hear(now)

    async def watch_queue(self) -> None:
        """End the period when the queue fills, and start another when it has room; run until cancelled."""
        while True:
            await self._committer.filled()
            filled_at = self.check()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._committer.has_room(), MAX_BRIEFLY_FULL_SECONDS)
                continue
            self._end(filled_at)
            self._instruments.gaps.inc()
            await self._committer.has_room()
            self.begin()

    async def watch_standstill(self) -> None:
        """Start another period after each time in which this process did not run; run until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_SECONDS)
            self.check()

    def check(self) -> Instant:
        """Note that this process runs, and return the time.

        If it stood still, or the clock was set forward, end the period at the last check, and start another now.
        """
        now, checked_at = self._clock.now(), self._checked_at
        if checked_at is not None and self._stood_still(now):
            _log.warning(
                "this process stood still", extra={"seconds": round((now - checked_at) / MICROSECONDS_PER_SECOND, 1)}
            )
            # Whether the gateway stood still, too, shows when something comes through it.
            stopped_at = self._seen_until(checked_at)
            self._heard_at = None if self._heard_at is None else stopped_at
            self._begin_again(stopped_at, now)
        elif self._is_observing and now < self._periods[-1].started_at:
            # PostgreSQL's clock was set back.
            self._end(now)
            self._start_period(now)
        self._checked_at = now
        return now

    async def extend(self) -> None:
        """Record how far coverage reaches by now, as soon as everything taken in until now is committed."""
        if self._periods and not self._committer.is_closed:
            # Tasks that go on after a standstill may do so in any order.
            await self._record(self._seen_until(self.check()), self._committer.mark())

    def finish(self) -> asyncio.Task[None]:
        """End the period before the committer is closed; the task records the end, if it can."""
        until = self._seen_until(self.check())
        self._end(until)
        return asyncio.create_task(self._record_last(until, self._committer.mark()))

    @property
    def _is_observing(self) -> bool:
        return bool(self._periods) and self._periods[-1].ended_at is None

    def _stood_still(self, now: Instant) -> bool:
        return self._checked_at is not None and now - self._checked_at > self._max_standstill

    def _is_silent(self, now: Instant) -> bool:
        return self._heard_at is not None and now - self._heard_at > self._max_silence

    def _seen_until(self, now: Instant) -> Instant:
        return now if self._heard_at is None else min(now, self._heard_at)

    def _hear(self, now: Instant) -> None:
        """Note that something came through the gateway. If nothing did for too long, there was a gap."""
        heard_at = self._heard_at
        if heard_at is None:
            return
        if self._is_silent(now):
            silent_since = heard_at if self._unseen is None else max(heard_at, self._unseen.end)
            if now - silent_since > self._max_silence:
                _log.warning(
                    "nothing came through the gateway",
                    extra={"seconds": round((now - silent_since) / MICROSECONDS_PER_SECOND, 1)},
                )
            self._begin_again(heard_at, now)
        self._heard_at = max(heard_at, Instant(now + SEPARATION))

    def _begin_again(self, stopped_at: Instant, now: Instant) -> None:
        """Leave a gap up to now."""
        # A process that stood still heard nothing of the gateway either: that is one gap.
        if self._unseen is None or stopped_at >= self._unseen.end:
            self._instruments.gaps.inc()
        self._unseen = TimeRange(stopped_at, now)
        if self._is_observing and self._periods[-1].started_at > stopped_at:
            # This process went on before the gateway did. It has seen nothing since.
            self._periods[-1].started_at = self._checked_at = now
        elif self._is_observing:
            self._end(stopped_at)
            self._start_period(now)

    def _start_period(self, now: Instant) -> None:
        self._recorded_until = self._recorded_until or now
        self._checked_at = now
        self._periods.append(_CoveragePeriod(now))

    def _end(self, at: Instant) -> None:
        if self._is_observing:
            self._periods[-1].ended_at = max(at, self._periods[-1].started_at)

    async def _record_last(self, until: Instant, everything_before: PendingWrite) -> None:
        # What can't be committed at a stop was not acknowledged, and is not recorded as observed.
        with suppress(DomainError):
            await self._record(until, everything_before)

    async def _record(self, until: Instant, everything_before: PendingWrite) -> None:
        await everything_before.outcome
        reached = self._reached(until)
        try:
            await asyncio.to_thread(self._write, reached)
        except StorageConflict:
            raise
        except Exception:
            self._able.note(Written.COVERAGE, is_able=False)
            raise
        self._able.note(Written.COVERAGE, is_able=True)
        if reached:
            self._recorded_until = reached[-1].end
        self._periods = [period for period in self._periods if period.ended_at is None or period.ended_at > until]

    def _reached(self, until: Instant) -> list[TimeRange[Instant]]:
        return [
            TimeRange(period.started_at, until if period.ended_at is None else min(until, period.ended_at))
            for period in self._periods
            if period.started_at <= until
        ]

    def _write(self, periods: list[TimeRange[Instant]]) -> None:
        with self._database.transaction() as connection:
            observation.extend_coverage(connection, self._replica_id, periods)

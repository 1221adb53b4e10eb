"""The one writer: events of all streams and calls are committed together (docs/streams.md#group-commit)."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from servicekit.clock import Instant
from servicekit.errors import DomainError, StorageConflict, StorageUnavailable
from tracking_service.domain.journal import DIVIDED_FROM
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.errors import RecordingFailed
from tracking_service.ingest.fair_queue import MAX_EVENTS_PER_FLUSH, FairQueue, PendingWrite
from tracking_service.instruments.able_to_record import AbleToRecord, Written
from tracking_service.instruments.appending import AppendInstruments
from tracking_service.recording.submission import NumberedEvent, Outcome, Submission, gap_weight
from tracking_service.store.observation import NumberedRelayGap

_log = logging.getLogger(__name__)

#: A flush starts at most this often: it bounds the transactions a second, and what an ack waits for at light load.
FLUSH_INTERVAL_SECONDS = 0.010
#: A flush that is divided into records for groups costs the service and PostgreSQL 1.5 ms together, and 0.6 us for each
#: heartbeat. So fewer and larger ones are written.
DIVIDED_FLUSH_INTERVAL_SECONDS = 0.020
#: A stream in a flush costs PostgreSQL 15 us for its row, and the service ten, whatever came over the stream. At this
#: rate that is an eighth of a core. Where so many streams send, acknowledgements are further apart than flushes anyway.
MAX_STREAM_CHANGES_PER_SECOND = 5_000
#: However many streams are in a flush, the next one begins after this time.
MAX_FLUSH_INTERVAL_SECONDS = 0.1
#: Some 60 MiB of events. With more, streams are not read further and unary calls are refused.
MAX_QUEUED_EVENTS = 100_000
#: A full queue takes events again when this share of it is left. One event below the limit it would be full again at
#: once, and everyone who waits would be woken for each.
ROOM_SHARE = 0.5
#: While storage is unavailable the pause doubles from the first value to the second. Jitter spreads replicas out.
MIN_RETRY_PAUSE_SECONDS = 0.05
MAX_RETRY_PAUSE_SECONDS = 2.0
#: A write that takes longer waits for a server that hangs: PostgreSQL itself ends a statement after 30 s.
MAX_WRITE_SECONDS = 40.0
#: At a stop, what is not written within this time is given up. It is not acknowledged, so its senders keep it.
MAX_LAST_WRITE_SECONDS = 2.0

Write = Callable[[Sequence[Submission]], list[Outcome]]
_ResultT = TypeVar("_ResultT")


class GroupCommitter:
    """Queues submissions and writes them, in the order of their arrival, one flush at a time."""

    def __init__(
        self,
        write: Write,
        *,
        break_off: Callable[[], None] = lambda: None,
        instruments: AppendInstruments | None = None,
        able: AbleToRecord | None = None,
    ) -> None:
        """`write` blocks; it runs in a thread of its own. `break_off` makes it fail with StorageUnavailable."""
        self._write = write
        self._instruments = instruments or AppendInstruments()
        self._able = able or AbleToRecord()
        self._break_off = break_off
        self._executor: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="appender")
        self._queue = FairQueue()
        #: How many events wait to be written, or are being written.
        self.queued_events = 0
        #: What is not written yet, and some that is, oldest first.
        self._unwritten: deque[PendingWrite] = deque()
        self._has_work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._full = asyncio.Event()
        self._closing = asyncio.Event()
        self._storage_is_unavailable = False
        #: How often a flush was retried because another transaction was in the way.
        self.conflicts = 0

    @property
    def is_full(self) -> bool:
        """Whether new events must wait or be refused."""
        return not self._has_room.is_set()

    @property
    def is_behind(self) -> bool:
        """Whether events wait for storage that is unavailable, or for more than one flush."""
        return self._storage_is_unavailable or self.queued_events > MAX_EVENTS_PER_FLUSH

    def oldest_wait_seconds(self) -> float:
        """Return for how long the oldest submission has waited; 0 if none waits. Thread-safe."""
        try:
            oldest = self._unwritten[0]
        except IndexError:
            return 0.0
        return 0.0 if oldest.is_settled else time.monotonic() - oldest.queued_at

    @property
    def is_closed(self) -> bool:
        """Whether new submissions are no longer written."""
        return self._closing.is_set()

    async def has_room(self) -> None:
        """Wait until new events may come in."""
        # Many may wait: the first one to wake up may fill the queue again.
        while self.is_full:
            await self._has_room.wait()

    async def filled(self) -> None:
        """Wait until the queue is full."""
        await self._full.wait()

    def enqueue(self, submission: Submission) -> PendingWrite:
        """Queue a submission with the events that it has."""
        return self._add(submission)

    def mark(self) -> PendingWrite:
        """Queue nothing; it is written when everything that was queued before is."""
        return self._add(Submission(None), is_mark=True)

    def add_event(self, pending: PendingWrite, numbered: NumberedEvent) -> None:
        """Add an event to a submission that no flush has taken yet."""
        pending.submission.events.append(numbered)
        self._count(1)

    def add_heartbeat(self, pending: PendingWrite, sequence: int, key: int, at: Instant, connection_id: str) -> None:
        """Add a plain heartbeat to a submission that no flush has taken yet."""
        pending.submission.heartbeats.add(sequence, key, at, connection_id)
        self._count(1)

    def add_heartbeats(self, pending: PendingWrite, heartbeats: NumberedHeartbeats) -> None:
        """Add plain heartbeats to a submission that no flush has taken yet."""
        pending.submission.heartbeats.extend(heartbeats)
        self._count(len(heartbeats))

    def add_gap(self, pending: PendingWrite, numbered: NumberedRelayGap) -> None:
        """Add a gap to a submission that no flush has taken yet."""
        pending.submission.gaps.append(numbered)
        self._count(gap_weight(numbered))

    async def run(self) -> None:
        """Write until closed and empty."""
        loop = asyncio.get_running_loop()
        while self._queue or not self._closing.is_set():
            await self._has_work.wait()
            self._has_work.clear()
            while self._queue:
                started = loop.time()
                flush = self._next_flush()
                if not await self._flush(flush):
                    self._able.note(Written.EVENTS, is_able=False)
                interval = flush_interval([pending.submission for pending in flush])
                await asyncio.sleep(max(started + interval - loop.time(), 0))
        self._executor.shutdown(wait=False)

    def close(self) -> None:
        """Let `run` end once the queue is empty; while storage is unavailable it gives up what is not acknowledged."""
        self._closing.set()
        self._has_work.set()
        asyncio.get_running_loop().call_later(MAX_LAST_WRITE_SECONDS, self._break_off)

    async def run_between_flushes(self, work: Callable[[], _ResultT]) -> _ResultT:
        """Run blocking work in the writer's thread, so that it never competes with a flush for locks."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _add(self, submission: Submission, *, is_mark: bool = False) -> PendingWrite:
        pending = self._queue.add(submission, is_mark=is_mark)
        if not is_mark:
            self._unwritten.append(pending)
        self._count(len(submission))
        self._has_work.set()
        return pending

    def _count(self, events: int) -> None:
        self.queued_events += events
        if self.is_full and self.queued_events <= MAX_QUEUED_EVENTS * ROOM_SHARE:
            self._full.clear()
            self._has_room.set()
        elif not self.is_full and self.queued_events >= MAX_QUEUED_EVENTS:
            self._has_room.clear()
            self._full.set()

    def _next_flush(self) -> list[PendingWrite]:
        flush = self._queue.take()
        for pending in flush:
            pending.is_flushing = True
        return flush

    async def _flush(self, flush: Sequence[PendingWrite]) -> bool:
        """Return whether anything of it was written."""
        try:
            outcomes = await self._written(flush)
        except StorageUnavailable as error:
            # The service stops. Nothing of this is acknowledged, so its senders keep it.
            _fail([*flush, *self._queue], error)
            self._queue.clear()
            is_written = False
        except Exception:  # noqa: BLE001 - whatever it is, the other submissions must be written
            self._instruments.failures.inc()
            _log.exception("flush failed", extra={"submissions": len(flush)})
            return await self._flush_by_halves(flush)
        else:
            self._settle(flush, outcomes)
            is_written = True
        self._forget(flush)
        return is_written

    def _settle(self, flush: Sequence[PendingWrite], outcomes: Sequence[Outcome]) -> None:
        now = time.monotonic()
        for pending, outcome in zip(flush, outcomes, strict=True):
            pending.settle(outcome)
            if not pending.is_mark:
                self._instruments.acknowledgement_seconds.observe(now - pending.queued_at)

    def _forget(self, flush: Sequence[PendingWrite]) -> None:
        self._count(-sum(len(pending.submission) for pending in flush))
        while self._unwritten and self._unwritten[0].is_settled:
            self._unwritten.popleft()

    async def _flush_by_halves(self, flush: Sequence[PendingWrite]) -> bool:
        """Find the submission that can't be written, so that the others are. Of 1,000 that takes 20 attempts."""
        if len(flush) == 1:
            _fail(flush, RecordingFailed())
            self._forget(flush)
            return False
        middle = len(flush) // 2
        written = [await self._flush(half) for half in (flush[:middle], flush[middle:])]
        return any(written)

    async def _written(self, flush: Sequence[PendingWrite]) -> list[Outcome]:
        """Write, and wait for storage that is unavailable; StorageUnavailable only when closing."""
        submissions = [pending.submission for pending in flush]
        pause = MIN_RETRY_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            try:
                outcomes = await self._try_to_write(submissions)
            except StorageConflict as error:
                # No pause: the other transaction goes on meanwhile.
                self._log_conflict(error)
            except StorageUnavailable as error:
                self._instruments.failures.inc()
                self._able.note(Written.EVENTS, is_able=False)
                self._log_storage(unavailable=True, error=error)
                if self._closing.is_set():
                    raise
                await self._pause(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
                pause = min(pause * 2, MAX_RETRY_PAUSE_SECONDS)
            else:
                self._log_storage(unavailable=False)
                if not all(pending.is_mark for pending in flush):
                    self._instruments.seconds.observe(time.monotonic() - began)
                    self._able.note(Written.EVENTS, is_able=True)
                return outcomes

    async def _try_to_write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        too_long = asyncio.get_running_loop().call_later(MAX_WRITE_SECONDS, self._break_off)
        try:
            return await self.run_between_flushes(lambda: self._write(submissions))
        finally:
            too_long.cancel()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    def _log_storage(self, *, unavailable: bool, error: StorageUnavailable | None = None) -> None:
        if unavailable and not self._storage_is_unavailable:
            _log.warning("storage is unavailable; events wait", extra={"cause": str(error.__cause__) if error else ""})
        elif self._storage_is_unavailable and not unavailable:
            _log.warning("storage is available again")
        self._storage_is_unavailable = unavailable

    def _log_conflict(self, error: StorageConflict) -> None:
        self._log_storage(unavailable=False)
        self.conflicts += 1
        self._instruments.conflicts.inc()
        _log.warning(
            "another transaction was in the way; the flush is retried",
            extra={"conflicts": self.conflicts, "cause": str(error.__cause__)},
        )


def flush_interval(flush: Sequence[Submission]) -> float:
    """Return how many seconds after the beginning of a flush the next one may begin."""
    streams = sum(submission.stream is not None for submission in flush)
    is_divided = sum(len(submission.heartbeats) for submission in flush) >= DIVIDED_FROM
    least = DIVIDED_FLUSH_INTERVAL_SECONDS if is_divided else FLUSH_INTERVAL_SECONDS
    return min(max(least, streams / MAX_STREAM_CHANGES_PER_SECOND), MAX_FLUSH_INTERVAL_SECONDS)


def _fail(flush: Sequence[PendingWrite], error: DomainError) -> None:
    for pending in flush:
        pending.fail(error)

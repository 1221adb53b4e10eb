"""The one writer: events of all streams and calls are committed together (DESIGN 6)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from servicekit.errors import DomainError, Internal, StorageConflict, StorageUnavailable
from tracking_service.domain.runs import PlainHeartbeat
from tracking_service.recording.submission import NumberedEvent, Outcome, Submission

_log = logging.getLogger(__name__)

#: A flush starts at most this often: it bounds the transactions a second, and what an ack waits for at light load.
FLUSH_INTERVAL_SECONDS = 0.010
#: Larger flushes save nothing more per row and hold locks longer (measured: see docs/architecture.md).
EVENTS_PER_FLUSH = 5_000
#: Some 60 MiB of events; over it streams are not read further and unary calls are refused.
EVENTS_QUEUED_AT_MOST = 100_000
#: While storage is away: the first pause, doubled up to the last, each with jitter so that replicas spread out.
FIRST_PAUSE_SECONDS = 0.05
LAST_PAUSE_SECONDS = 2.0
#: A write that takes longer waits for a server that hangs: PostgreSQL itself ends a statement after 30 s.
WRITE_SECONDS_AT_MOST = 40.0
#: At a stop: what is not written within this is given up, for its senders have no acknowledgement and keep it.
LAST_WRITES_SECONDS = 2.0


class RecordingFailed(Internal):
    """The events could not be recorded; the service's operators have been told."""

    reason = "RECORDING_FAILED"


class Ticket:
    """A place in the queue: events may be added to it until a flush takes it."""

    __slots__ = ("outcome", "submission", "taken")

    def __init__(self, submission: Submission) -> None:
        """`outcome` is done when the submission is committed or has failed for good."""
        self.submission = submission
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.taken = False


Write = Callable[[Sequence[Submission]], list[Outcome]]
_ResultT = TypeVar("_ResultT")


class GroupCommitter:
    """Queues submissions and writes them, in the order of their arrival, one flush at a time."""

    def __init__(self, write: Write, *, break_off: Callable[[], None] = lambda: None) -> None:
        """`write` blocks; it runs in a thread of its own. `break_off` makes it fail with StorageUnavailable."""
        self._write = write
        self._break_off = break_off
        self._executor: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._queue: deque[Ticket] = deque()
        self._queued_events = 0
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._full = asyncio.Event()
        self._closing = asyncio.Event()
        self._storage_is_away = False
        #: How often a flush was written anew because another transaction was in the way.
        self.conflicts = 0

    @property
    def is_full(self) -> bool:
        """Whether new events are to wait or to be refused."""
        return not self._room.is_set()

    @property
    def is_behind(self) -> bool:
        """Whether events wait for storage that is away, or for more than one flush."""
        return self._storage_is_away or self._queued_events > EVENTS_PER_FLUSH

    @property
    def is_closed(self) -> bool:
        """Whether nothing new is written any more."""
        return self._closing.is_set()

    async def room(self) -> None:
        """Wait until new events may come in."""
        # Many may wait: whoever wakes first may fill the room again.
        while self.is_full:
            await self._room.wait()

    async def filled(self) -> None:
        """Wait until there is no room."""
        await self._full.wait()

    def enqueue(self, submission: Submission) -> Ticket:
        """Queue a submission; its events count as they are."""
        ticket = Ticket(submission)
        self._queue.append(ticket)
        self._count(len(submission))
        self._work.set()
        return ticket

    def add_event(self, ticket: Ticket, numbered: NumberedEvent) -> None:
        """Add an event to a ticket that is not taken yet."""
        ticket.submission.events.append(numbered)
        self._count(1)

    def add_heartbeats(self, ticket: Ticket, heartbeats: Sequence[PlainHeartbeat]) -> None:
        """Add plain heartbeats to a ticket that is not taken yet."""
        ticket.submission.heartbeats.extend(heartbeats)
        self._count(len(heartbeats))

    async def run(self) -> None:
        """Write until closed and empty."""
        loop = asyncio.get_running_loop()
        while self._queue or not self._closing.is_set():
            await self._work.wait()
            self._work.clear()
            while self._queue:
                started = loop.time()
                await self._flush(self._take())
                await asyncio.sleep(max(started + FLUSH_INTERVAL_SECONDS - loop.time(), 0))
        self._executor.shutdown(wait=False)

    def close(self) -> None:
        """Let `run` end once the queue is empty; while storage is away it gives up what is not acknowledged."""
        self._closing.set()
        self._work.set()
        asyncio.get_running_loop().call_later(LAST_WRITES_SECONDS, self._break_off)

    async def run_between_flushes(self, work: Callable[[], _ResultT]) -> _ResultT:
        """Run blocking work in the writer's thread, so that it never competes with a flush for locks."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _count(self, events: int) -> None:
        self._queued_events += events
        if (self._queued_events >= EVENTS_QUEUED_AT_MOST) == self.is_full:
            return
        if self.is_full:
            self._full.clear()
            self._room.set()
        else:
            self._room.clear()
            self._full.set()

    def _take(self) -> list[Ticket]:
        taken: list[Ticket] = []
        events = 0
        while self._queue and events < EVENTS_PER_FLUSH:
            ticket = self._queue.popleft()
            ticket.taken = True
            events += len(ticket.submission)
            taken.append(ticket)
        return taken

    async def _flush(self, tickets: Sequence[Ticket]) -> None:
        try:
            outcomes = await self._written(tickets)
        except StorageUnavailable as error:
            # Closing: nothing of this is acknowledged, so its senders keep it.
            _fail([*tickets, *self._queue], error)
            self._queue.clear()
        except Exception:  # noqa: BLE001 - whatever it is, the neighbours' events are to be written
            _log.exception("flush failed", extra={"submissions": len(tickets)})
            await self._flush_one_by_one(tickets)
            return
        else:
            for ticket, outcome in zip(tickets, outcomes, strict=True):
                if not ticket.outcome.done():
                    ticket.outcome.set_result(outcome)
        self._count(-sum(len(ticket.submission) for ticket in tickets))

    async def _flush_one_by_one(self, tickets: Sequence[Ticket]) -> None:
        """Find the submission that can't be written, so that it does not harm its neighbours."""
        if len(tickets) == 1:
            _fail(tickets, RecordingFailed())
            self._count(-len(tickets[0].submission))
            return
        for ticket in tickets:
            await self._flush([ticket])

    async def _written(self, tickets: Sequence[Ticket]) -> list[Outcome]:
        """Write, waiting for storage that is away; StorageUnavailable only when closing."""
        submissions = [ticket.submission for ticket in tickets]
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                outcomes = await self._try_to_write(submissions)
            except StorageConflict as error:
                # Nothing to wait for: the other one goes on meanwhile.
                self._note_conflict(error)
            except StorageUnavailable as error:
                self._note_storage(away=True, error=error)
                if self._closing.is_set():
                    raise
                await self._pause(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
                pause = min(pause * 2, LAST_PAUSE_SECONDS)
            else:
                self._note_storage(away=False)
                return outcomes

    async def _try_to_write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        too_long = asyncio.get_running_loop().call_later(WRITE_SECONDS_AT_MOST, self._break_off)
        try:
            return await self.run_between_flushes(lambda: self._write(submissions))
        finally:
            too_long.cancel()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    def _note_storage(self, *, away: bool, error: StorageUnavailable | None = None) -> None:
        if away and not self._storage_is_away:
            _log.warning("storage is away; events wait", extra={"cause": str(error.__cause__) if error else ""})
        elif self._storage_is_away and not away:
            _log.warning("storage is back")
        self._storage_is_away = away

    def _note_conflict(self, error: StorageConflict) -> None:
        self._note_storage(away=False)
        self.conflicts += 1
        _log.warning(
            "another transaction was in the way; written anew",
            extra={"conflicts": self.conflicts, "cause": str(error.__cause__)},
        )


def _fail(tickets: Sequence[Ticket], error: DomainError) -> None:
    for ticket in tickets:
        if not ticket.outcome.done():
            ticket.outcome.set_exception(error)

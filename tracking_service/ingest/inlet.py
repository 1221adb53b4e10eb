"""One stream's way into the committer: numbers, what is committed of them, and what was refused (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from servicekit.errors import DomainError
from servicekit.identifiers import StreamId
from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.runs import PlainHeartbeat
from tracking_service.domain.ways import RelayGap
from tracking_service.ingest.committer import GroupCommitter, Ticket
from tracking_service.ingest.intake import GapReport
from tracking_service.ingest.stream_errors import FAILURES, SequenceGap
from tracking_service.recording.submission import (
    NumberedEvent,
    Outcome,
    Rejection,
    Standing,
    StreamHold,
    Submission,
)
from tracking_service.store.relay_gaps import NumberedRelayGap

#: With this many events on the way the stream is not read further: some 6 MiB, and two flushes' worth.
UNACKNOWLEDGED_AT_MOST = 10_000
#: Some 200 KiB, far below the 4 MiB that gRPC's clients take in.
REJECTIONS_PER_ACKNOWLEDGEMENT = 1_000


class Acknowledgement(NamedTuple):
    """What may be told to the client now."""

    committed_sequence: int
    rejections: list[Rejection]


class StreamInlet:
    """Counts one stream's events in, and learns when they are committed."""

    # There may be tens of thousands.
    __slots__ = (
        "_changed",
        "_committer",
        "_failure",
        "_has_news",
        "_hold",
        "_in_flight",
        "_received",
        "_rejections",
        "_ticket",
        "_told_sequence",
        "committed_sequence",
        "is_draining",
        "is_finished",
    )

    def __init__(self, committer: GroupCommitter, hold: StreamHold, committed_sequence: int) -> None:
        """`committed_sequence` is where the stream stands in storage."""
        self._committer = committer
        self._hold = hold
        self._received = committed_sequence
        self.committed_sequence = committed_sequence
        self._told_sequence = committed_sequence
        self._rejections: list[Rejection] = []
        self._ticket: Ticket | None = None
        self._in_flight = 0
        self._has_news = False
        self._failure: DomainError | None = None
        self._changed = asyncio.Event()
        #: Nothing more is to come; what was received is still to be committed and acknowledged.
        self.is_finished = False
        #: The client is to go elsewhere.
        self.is_draining = False

    @property
    def next_sequence(self) -> int:
        """The number that the next event is to have."""
        return self._received + 1

    def take(self, heartbeats: Sequence[PlainHeartbeat]) -> None:
        """Take in plain heartbeats, numbered without a gap from `next_sequence` on."""
        ticket = self._open_ticket()
        self._committer.add_heartbeats(ticket, heartbeats)
        self._received = ticket.submission.last_sequence = heartbeats[-1].sequence

    def offer(self, sequence: int, read: Callable[[], PresenceEvent | GapReport]) -> None:
        """Take in the event or gap with this number; SequenceGap if it is not the next one.

        One that was received before is acknowledged again and changes nothing. One that `read` refuses is rejected by
        its number.
        """
        if sequence < self.next_sequence:
            self._has_news = True
            self._tell_change()
            return
        if sequence > self.next_sequence:
            raise SequenceGap(
                f"expected number {self.next_sequence}, got {sequence}",
                metadata={"expected_sequence": str(self.next_sequence), "received_sequence": str(sequence)},
            )
        ticket = self._open_ticket()
        self._received = ticket.submission.last_sequence = sequence
        try:
            self._add(ticket, sequence, read())
        except DomainError as error:
            self._rejections.append(Rejection(sequence, error))

    @property
    def is_behind(self) -> bool:
        """Whether the next event has to wait: backpressure, not loss.

        An event is on the way until its acknowledgement was written: a client that does not read is not read either.
        """
        return self._received - self._told_sequence >= UNACKNOWLEDGED_AT_MOST or self._committer.is_full

    async def may_read_on(self) -> None:
        """Wait while the stream is behind. Raises what broke it."""
        while self._received - self._told_sequence >= UNACKNOWLEDGED_AT_MOST:
            await self.change()
        await self._committer.room()

    async def change(self) -> None:
        """Wait for the next change of any kind; raises what broke the stream."""
        if self._failure is None:
            await self._changed.wait()
        if self._failure is not None:
            raise self._failure

    async def settled(self) -> None:
        """Wait until everything received is committed; raises what broke the stream."""
        while self._in_flight:
            await self.change()
        if self._failure is not None:
            raise self._failure

    def acknowledgement(self) -> Acknowledgement | None:
        """Return what was not told yet, or the first part of it; None if there is nothing.

        What was told in it is not told again; `told` says that it is on its way.
        """
        if not self._has_news:
            return None
        waiting = sorted(self._rejections, key=lambda rejection: rejection.sequence)
        count = sum(rejection.sequence <= self.committed_sequence for rejection in waiting)
        told = waiting[: min(count, REJECTIONS_PER_ACKNOWLEDGEMENT)]
        self._rejections = waiting[len(told) :]
        self._has_news = count > len(told)
        return Acknowledgement(told[-1].sequence if self._has_news else self.committed_sequence, told)

    def told(self, acknowledgement: Acknowledgement) -> None:
        """Note that an acknowledgement was written."""
        self._told_sequence = acknowledgement.committed_sequence
        self._tell_change()

    def finish(self) -> None:
        """Say that nothing more is to come."""
        self.is_finished = True
        self._tell_change()

    def drain(self) -> None:
        """Say that nothing more is to come because the service is about to stop."""
        self.is_draining = True
        self.finish()

    def fail(self, error: DomainError) -> None:
        """Break the stream: whoever waits here gets the error, and nothing more is acknowledged."""
        self._failure = self._failure or error
        self._tell_change()

    def _add(self, ticket: Ticket, sequence: int, content: PresenceEvent | GapReport) -> None:
        if isinstance(content, PresenceEvent):
            self._committer.add_event(ticket, NumberedEvent(sequence, content))
        else:
            gap = RelayGap(StreamId(self._hold.stream_id), content.extent, content.session_ids)
            ticket.submission.gaps.append(NumberedRelayGap(sequence, gap))

    def _open_ticket(self) -> Ticket:
        if self._ticket is None or self._ticket.taken:
            self._ticket = self._committer.enqueue(Submission(self._hold, first_sequence=self.next_sequence))
            self._in_flight += 1
            self._ticket.outcome.add_done_callback(partial(self._answered, self._ticket))
        return self._ticket

    def _answered(self, ticket: Ticket, outcome: asyncio.Future[Outcome]) -> None:
        self._in_flight -= 1
        if ticket is self._ticket:
            # Most streams are silent most of the time: what they sent last is not kept for them.
            self._ticket = None
        error = outcome.exception()
        if error is not None:
            self.fail(error if isinstance(error, DomainError) else DomainError())
            return
        standing, rejections = outcome.result().standing, outcome.result().rejections
        if standing is not Standing.COMMITTED:
            self.fail(FAILURES[standing]())
            return
        self.committed_sequence = ticket.submission.last_sequence
        self._rejections += rejections
        self._has_news = True
        self._tell_change()

    def _tell_change(self) -> None:
        # Several wait at once, each for whatever comes next: every change has an event of its own.
        self._changed.set()
        self._changed = asyncio.Event()

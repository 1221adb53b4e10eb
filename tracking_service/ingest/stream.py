"""One open stream: which numbers were received, which are committed, and what was rejected."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from servicekit.errors import DomainError, FieldViolation, InvalidArgument
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.domain.relay_clocks import ClockOffset
from tracking_service.errors import SequenceGap, StreamBroken, StreamExpired, StreamTakenOver
from tracking_service.ingest.fair_queue import MAX_USER_EVENTS_PER_FLUSH, PendingWrite
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.recording.submission import (
    NumberedEvent,
    Outcome,
    Rejection,
    StreamHold,
    Submission,
    SubmissionStatus,
)
from tracking_service.store.observation import NumberedRelayGap

_log = logging.getLogger(__name__)

#: With this many events in flight the stream is not read further: some 6 MiB, and two flushes' worth.
MAX_UNACKNOWLEDGED = 10_000
#: Some 200 KiB, far below the 4 MiB that gRPC clients accept.
MAX_REJECTIONS_PER_ACK = 1_000

#: How the stream ends if a part of it is not committed.
_ERRORS: dict[SubmissionStatus, type[DomainError]] = {
    SubmissionStatus.FENCED: StreamTakenOver,
    SubmissionStatus.EXPIRED: StreamExpired,
    SubmissionStatus.DISCONTINUED: StreamBroken,
}

#: One numbered message of the client, read completely: an event, a gap, or why it is rejected.
Numbered = NumberedEvent | NumberedRelayGap | Rejection


class Acknowledgement(NamedTuple):
    """What can be sent to the client now."""

    committed_sequence: int
    rejections: list[Rejection]


class HeartbeatStream:
    """Queues the events of one stream and keeps track of what is committed (docs/streams.md#acknowledgement)."""

    # There may be tens of thousands.
    __slots__ = (
        "_ack_pending",
        "_acknowledged_sequence",
        "_changed",
        "_committer",
        "_failure",
        "_hold",
        "_in_flight",
        "_pending",
        "_received",
        "_rejections",
        "clock_offset",
        "committed_sequence",
        "is_draining",
        "is_finished",
    )

    def __init__(self, committer: GroupCommitter, hold: StreamHold, committed_sequence: int) -> None:
        """`committed_sequence` is the last number of the stream that is in storage."""
        self._committer = committer
        self._hold = hold
        self._received = committed_sequence
        self.committed_sequence = committed_sequence
        self._acknowledged_sequence = committed_sequence
        self._rejections: list[Rejection] = []
        self._pending: PendingWrite | None = None
        self._in_flight = 0
        self._ack_pending = False
        self._failure: DomainError | None = None
        self._changed = asyncio.Event()
        #: By how many microseconds the relay's clock is off.
        self.clock_offset = 0
        #: Nothing more is accepted; what was received is still committed and acknowledged.
        self.is_finished = False
        #: The client must open the stream elsewhere.
        self.is_draining = False

    @property
    def is_live(self) -> bool:
        """Whether the stream is of a relay that watches connections live."""
        return self._hold.is_live

    @property
    def next_sequence(self) -> int:
        """The number that the next event must have."""
        return self._received + 1

    def accept_heartbeat(self, key: int, at: Instant, connection_id: str) -> None:
        """Queue a plain heartbeat with the number `next_sequence`; `key` is the participant's."""
        pending = self._writable()
        self._received = pending.submission.last_sequence = self._received + 1
        self._committer.add_heartbeat(pending, self._received, key, at, connection_id)

    def accept_heartbeats(self, heartbeats: NumberedHeartbeats) -> None:
        """Queue plain heartbeats, numbered without a gap from `next_sequence` on."""
        pending = self._writable()
        self._committer.add_heartbeats(pending, heartbeats)
        self._received = pending.submission.last_sequence = heartbeats.last_sequence

    def note_clock_offset(self, offset: ClockOffset) -> None:
        """Record that the relay's clock has changed, with the next part of the stream that is written."""
        _log.warning(
            "a relay's clock is off" if offset.offset else "a relay's clock is right again",
            extra={"stream": str(self._hold.stream_id), "seconds": offset.offset / MICROSECONDS_PER_SECOND},
        )
        self.clock_offset = offset.offset
        submission = self._writable().submission
        submission.clock_offsets.append(offset)
        submission.last_sequence = max(submission.last_sequence, self._received)

    def accept(self, numbered: Numbered) -> None:
        """Queue an event or a gap, or note a rejection.

        A number that was received before is acknowledged again and changes nothing.

        Raises:
            InvalidArgument: it has no number.
            SequenceGap: a number is missing before it.
        """
        sequence = numbered.sequence
        if sequence != self.next_sequence:
            self._check_repeated(sequence)
            self._ack_pending = True
            self._notify()
            return
        pending = self._writable()
        self._received = pending.submission.last_sequence = sequence
        if isinstance(numbered, NumberedEvent):
            self._committer.add_event(pending, numbered)
        elif isinstance(numbered, NumberedRelayGap):
            self._committer.add_gap(pending, numbered)
        else:
            self._rejections.append(numbered)

    @property
    def must_wait(self) -> bool:
        """Whether the next event has to wait (docs/streams.md#backpressure).

        Events count until their acknowledgement was written: from a client that does not read, no more is read.
        """
        return self._received - self._acknowledged_sequence >= MAX_UNACKNOWLEDGED or self._committer.is_full

    async def may_read_on(self) -> None:
        """Wait until the next event may come in; raises what broke the stream."""
        while self._received - self._acknowledged_sequence >= MAX_UNACKNOWLEDGED:
            await self.change()
        await self._committer.has_room()

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
        """Return what is to be acknowledged, or its first part; None if there is nothing.

        The rejections in it are not returned again. `mark_acknowledged` must be called when it was written.
        """
        if not self._ack_pending:
            return None
        waiting = sorted(self._rejections, key=lambda rejection: rejection.sequence)
        committed = sum(rejection.sequence <= self.committed_sequence for rejection in waiting)
        sent = waiting[: min(committed, MAX_REJECTIONS_PER_ACK)]
        self._rejections = waiting[len(sent) :]
        self._ack_pending = committed > len(sent)
        return Acknowledgement(sent[-1].sequence if self._ack_pending else self.committed_sequence, sent)

    def mark_acknowledged(self, acknowledgement: Acknowledgement) -> None:
        """Note that an acknowledgement was written."""
        self._acknowledged_sequence = acknowledgement.committed_sequence
        self._notify()

    def finish(self) -> None:
        """Accept nothing more."""
        self.is_finished = True
        self._notify()

    def drain(self) -> None:
        """Accept nothing more because the service is about to stop."""
        self.is_draining = True
        self.finish()

    def fail(self, error: DomainError) -> None:
        """Break the stream: everything that waits for it gets the error, and nothing more is acknowledged."""
        self._failure = self._failure or error
        self._notify()

    def _check_repeated(self, sequence: int) -> None:
        if sequence < 1:
            raise InvalidArgument(FieldViolation("sequence", "events are numbered 1, 2, 3 ..."))
        if sequence > self.next_sequence:
            raise SequenceGap(
                f"expected number {self.next_sequence}, got {sequence}",
                metadata={"expected_sequence": str(self.next_sequence), "received_sequence": str(sequence)},
            )

    def _writable(self) -> PendingWrite:
        pending = self._pending
        if pending is None or pending.is_flushing or self._has_users_share(pending):
            self._pending = self._committer.enqueue(Submission(self._hold, first_sequence=self.next_sequence))
            self._in_flight += 1
            self._pending.outcome.add_done_callback(partial(self._written, self._pending))
            return self._pending
        return pending

    def _has_users_share(self, pending: PendingWrite) -> bool:
        return not self._hold.is_relays and len(pending.submission) >= MAX_USER_EVENTS_PER_FLUSH

    def _written(self, pending: PendingWrite, outcome: asyncio.Future[Outcome]) -> None:
        self._in_flight -= 1
        if pending is self._pending:
            # Most streams are silent most of the time, so their last submission is not kept in memory.
            self._pending = None
        error = outcome.exception()
        if error is not None:
            self.fail(error if isinstance(error, DomainError) else DomainError())
            return
        status, rejections = outcome.result().status, outcome.result().rejections
        if status is not SubmissionStatus.COMMITTED:
            self.fail(_ERRORS[status]())
            return
        self.committed_sequence = pending.submission.last_sequence
        self._rejections += rejections
        self._ack_pending = True
        self._notify()

    def _notify(self) -> None:
        # Several tasks may wait at once, each for the next change: so each change has an event of its own.
        self._changed.set()
        self._changed = asyncio.Event()

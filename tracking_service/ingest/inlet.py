"""One stream's way into the committer: numbers, what is committed of them, and what was refused (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from servicekit.errors import Aborted, DomainError, OutOfRange
from tracking_service.domain.events import PresenceEvent
from tracking_service.ingest.committer import GroupCommitter, Ticket
from tracking_service.recording.submission import (
    NumberedEvent,
    Outcome,
    Rejection,
    Standing,
    StreamHold,
    Submission,
)

#: With this many events on the way the stream is not read further: some 6 MiB, and two flushes' worth.
UNACKNOWLEDGED_AT_MOST = 10_000


class SequenceGap(OutOfRange):
    """A number is missing; resume the stream and go on after what is committed."""

    reason = "SEQUENCE_GAP"


class StreamTakenOver(Aborted):
    """Another stream with the same stream_id took over."""

    reason = "STREAM_TAKEN_OVER"


class StreamForgotten(Aborted):
    """The stream was not used for too long; start a new one with a new stream_id."""

    reason = "STREAM_FORGOTTEN"


class StreamBroken(Aborted):
    """An earlier part of the stream could not be recorded; resume the stream."""

    reason = "STREAM_BROKEN"


_FAILURES = {
    Standing.FENCED: StreamTakenOver,
    Standing.FORGOTTEN: StreamForgotten,
    Standing.DISCONTINUED: StreamBroken,
}


class Acknowledgement(NamedTuple):
    """What may be told to the client now."""

    committed_sequence: int
    rejections: list[Rejection]


class StreamInlet:
    """Counts one stream's events in, and learns when they are committed."""

    def __init__(self, committer: GroupCommitter, hold: StreamHold, committed_sequence: int) -> None:
        """`committed_sequence` is where the stream stands in storage."""
        self._committer = committer
        self._hold = hold
        self._received = committed_sequence
        self._committed = committed_sequence
        self._rejections: list[Rejection] = []
        self._ticket: Ticket | None = None
        self._in_flight = 0
        self._repeated = False
        self._news = False
        self._failure: DomainError | None = None
        self._changed = asyncio.Event()

    def offer(self, sequence: int, make_event: Callable[[], PresenceEvent]) -> None:
        """Take in the event with this number; SequenceGap if it is not the next one.

        One that was received before is acknowledged again and changes nothing. One that `make_event` refuses is
        rejected by its number.
        """
        if sequence <= self._received:
            self._repeated = True
            self._tell_change()
            return
        if sequence != self._received + 1:
            raise SequenceGap(
                f"expected number {self._received + 1}, got {sequence}",
                metadata={"expected_sequence": str(self._received + 1), "received_sequence": str(sequence)},
            )
        self._received = sequence
        ticket = self._open_ticket(sequence)
        ticket.submission.last_sequence = sequence
        try:
            self._committer.add(ticket, NumberedEvent(sequence, make_event()))
        except DomainError as error:
            self._rejections.append(Rejection(sequence, error))

    async def may_read_on(self) -> None:
        """Wait while too much is on the way: backpressure, not loss. Raises what ended the stream."""
        while self._received - self._committed >= UNACKNOWLEDGED_AT_MOST:
            await self.change()
        await self._committer.room()

    async def change(self) -> None:
        """Wait for the next change of any kind; raises what ended the stream."""
        if self._failure is None:
            await self._changed.wait()
        if self._failure is not None:
            raise self._failure

    async def settled(self) -> None:
        """Wait until everything received is committed; raises what ended the stream."""
        while self._in_flight:
            await self.change()

    def acknowledgement(self) -> Acknowledgement | None:
        """Return what was not told yet, once; None if there is nothing."""
        told = [rejection for rejection in self._rejections if rejection.sequence <= self._committed]
        if not (told or self._repeated or self._news):
            return None
        self._rejections = [rejection for rejection in self._rejections if rejection.sequence > self._committed]
        self._repeated = self._news = False
        return Acknowledgement(self._committed, sorted(told, key=lambda rejection: rejection.sequence))

    def fail(self, error: DomainError) -> None:
        """End the stream: whoever waits here gets the error."""
        self._failure = self._failure or error
        self._tell_change()

    @property
    def committed_sequence(self) -> int:
        """The last committed number."""
        return self._committed

    def _open_ticket(self, sequence: int) -> Ticket:
        if self._ticket is None or self._ticket.taken:
            self._ticket = self._committer.enqueue(Submission(self._hold, first_sequence=sequence))
            self._in_flight += 1
            submission = self._ticket.submission
            self._ticket.outcome.add_done_callback(lambda outcome: self._committed_up_to(submission, outcome))
        return self._ticket

    def _committed_up_to(self, submission: Submission, outcome: asyncio.Future[Outcome]) -> None:
        self._in_flight -= 1
        if outcome.cancelled():
            return
        error = outcome.exception()
        if error is not None:
            self.fail(error if isinstance(error, DomainError) else DomainError())
            return
        result = outcome.result()
        if result.standing is not Standing.COMMITTED:
            self.fail(_FAILURES[result.standing]())
            return
        if self._failure is None:
            self._committed = submission.last_sequence
            self._rejections += result.rejections
            self._news = True
        self._tell_change()

    def _tell_change(self) -> None:
        # Several tasks wait at once, each for whatever comes next: every change has an event of its own.
        self._changed.set()
        self._changed = asyncio.Event()

"""One stream for as long as the relay lives: calls come and go, its events stay until they are acknowledged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias
from uuid import uuid4

from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay import endings
from heartbeat_relay.backoff import Backoff, jittered
from heartbeat_relay.bearer import Bearer
from heartbeat_relay.call import Endpoint, connected
from heartbeat_relay.conversation import Conversation
from heartbeat_relay.endings import Next
from heartbeat_relay.errors import RelayFailed
from heartbeat_relay.outbox import Entry, Outbox
from heartbeat_relay.receipts import OnAnswered, Receipts

_log = logging.getLogger("heartbeat_relay")

#: Is told the event, the reason (docs/errors.md) and a sentence for people.
OnRejection: TypeAlias = Callable[[tracking.PresenceEvent, str, str], None]

Refused: TypeAlias = tuple[Entry, tracking.EventRejection]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """Whom a stream tells what happens to it."""

    #: The service dictated its rhythm.
    opened: Callable[[tracking.StreamOpened], None]
    #: So many events were answered for, and these wait to be told.
    answered: Callable[[int, Iterable[OnAnswered]], None]
    #: These were refused, and why.
    rejected: Callable[[list[Refused]], None]


class ForeignPosition(Exception):
    """The service's position in the stream can't be ours: it forgot the stream, or somebody else wrote to it."""


class ResumingStream:
    """Sends what its outbox holds, over one call after the other."""

    def __init__(self, endpoint: Endpoint, bearer: Bearer, listener: Listener, *, linger_seconds: float) -> None:
        """Nothing connects before `run`."""
        self.outbox = Outbox()
        self.receipts = Receipts()
        self._endpoint = endpoint
        self._bearer = bearer
        self._listener = listener
        self._backoff = Backoff()
        self._stream_id = uuid4()
        self._conversation = Conversation(self.outbox, linger_seconds=linger_seconds)
        self._finishing = asyncio.Event()
        self._is_disturbed = False
        #: When an event was last answered for, or the first came to be kept; of no meaning while none is.
        self._progress_at = 0.0
        self.openings = 0
        self.rejected = 0

    @property
    def sent(self) -> int:
        """Events written to the wire, repetitions included."""
        return self._conversation.sent

    @property
    def stalled_seconds(self) -> float:
        """For how long events have been kept of which none was answered for; 0 while none is kept."""
        return time.monotonic() - self._progress_at if self.outbox.unanswered else 0.0

    def wake(self) -> None:
        """Say that the outbox has something new to send."""
        if self.outbox.unanswered == 1:
            self._progress_at = time.monotonic()
        self._conversation.wake()

    def finish(self) -> None:
        """Half-close once everything is sent, and let `run` return."""
        self._finishing.set()
        self._conversation.finish()

    async def run(self) -> None:
        """Go on until finished, whatever happens to the service; RelayFailed if no retry can heal it."""
        while not self._finishing.is_set():
            answered = self.outbox.answered
            pause = await self._attempt()
            if self.outbox.answered > answered or not self.outbox.unanswered:
                self._backoff.reset()
            await self._pause(self._backoff.next_pause() if pause is None else jittered(pause))

    async def _attempt(self) -> float | None:
        """Make one call; return the pause that the service asks for, None if it is ours to choose."""
        try:
            metadata = await self._bearer.metadata()
        except Exception as error:  # noqa: BLE001 - the user's code; its message might show a secret, its kind does not
            self._note_disturbance(f"no token: {type(error).__name__}")
            return None
        try:
            async with connected(self._endpoint, metadata) as call:
                self._take_up(await call.open(self._stream_id))
                return await self._conversation.hold(call, self._acknowledge)
        except aio.AioRpcError as error:
            self._learn_from(error)
        except ForeignPosition:
            self._start_anew("the service does not know its position")
        except (TimeoutError, EOFError) as error:
            self._note_disturbance(str(error) or "the service did not answer in time")
        return None

    def _take_up(self, opened: tracking.StreamOpened) -> None:
        if not self.outbox.fits(opened.committed_sequence):
            raise ForeignPosition
        if self._is_disturbed:
            _log.info("resumed", extra={"stream": str(self._stream_id), "unacknowledged": self.outbox.unanswered})
        self._is_disturbed = False
        self.openings += 1
        self._conversation.most_on_the_way = opened.max_unacknowledged
        self._answer(opened.committed_sequence)
        self.outbox.resend()
        self._listener.opened(opened)

    def _acknowledge(self, acknowledgement: tracking.StreamAck) -> None:
        if acknowledgement.rejections:
            told = {rejection.sequence: rejection for rejection in acknowledgement.rejections}
            self.rejected += len(told)
            self._listener.rejected([(entry, told[entry.sequence]) for entry in self.outbox.find(told)])
        self._answer(acknowledgement.committed_sequence)

    def _answer(self, committed: int) -> None:
        answered = self.outbox.acknowledge(committed)
        if answered:
            self._progress_at = time.monotonic()
            self._listener.answered(answered, self.receipts.settle(self.outbox.answered))

    def _learn_from(self, error: aio.AioRpcError) -> None:
        reason = endings.reason_of(error)
        following = endings.after(error)
        if following is Next.GIVE_UP or (following is Next.RENEW_TOKEN and not self._bearer.is_renewable):
            raise RelayFailed(error.details() or "", code=error.code().name, reason=reason) from error
        if following is Next.START_ANEW:
            self._start_anew(reason)
        elif reason == endings.SEQUENCE_GAP:
            _log.error("a number was left out, which is this package's fault; resuming: %s", error.details())
        else:
            self._note_disturbance(f"{error.code().name} {reason}".rstrip())

    def _start_anew(self, cause: str) -> None:
        _log.warning(
            "stream lost; a new one takes its unacknowledged events: %s",
            cause,
            extra={"stream": str(self._stream_id), "unacknowledged": self.outbox.unanswered},
        )
        self._stream_id = uuid4()
        self.outbox.start_anew()

    def _note_disturbance(self, cause: str) -> None:
        """Log the first of several failures in a row as a warning."""
        level = logging.DEBUG if self._is_disturbed else logging.WARNING
        _log.log(level, "stream interrupted, events are kept: %s", cause, extra={"stream": str(self._stream_id)})
        self._is_disturbed = True

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finishing.wait(), seconds)

"""One stream for as long as the relay lives: calls come and go, its events stay until they are acknowledged.

How the service resumes and ends streams: docs/streams.md.
"""

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
from heartbeat_relay import retry_policy
from heartbeat_relay.call import BearerToken, Endpoint, connect
from heartbeat_relay.errors import RelayFailed
from heartbeat_relay.exchange import FrameExchange
from heartbeat_relay.outbox import AckCallbacks, Entry, OnAcknowledged, Outbox
from heartbeat_relay.retry_policy import Backoff, NextAction

_log = logging.getLogger("heartbeat_relay")

#: Gets the event, the reason (docs/errors.md) and a sentence for people.
OnRejection: TypeAlias = Callable[[tracking.PresenceEvent, str, str], None]

Rejected: TypeAlias = tuple[Entry, tracking.EventRejection]


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamCallbacks:
    """What a stream calls when something happens to it."""

    #: The service opened the stream and named its heartbeat interval and presence timeout.
    opened: Callable[[tracking.StreamOpened], None]
    #: This many entries were acknowledged, and these callbacks are due.
    acknowledged: Callable[[int, Iterable[OnAcknowledged]], None]
    #: These entries were rejected. Called before `acknowledged`.
    rejected: Callable[[list[Rejected]], None]


class UnknownPosition(Exception):
    """The service's position does not match what we sent: it forgot the stream, or another client wrote to it."""


class ResumingStream:
    """Sends what its outbox holds, over one call after another."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: BearerToken,
        callbacks: StreamCallbacks,
        *,
        linger_seconds: float,
        observing_seconds: Callable[[], float | None],
    ) -> None:
        """Nothing connects before `run`. `observing_seconds` returns for how long connections have been watched."""
        self.outbox = Outbox()
        self.ack_callbacks = AckCallbacks()
        self._endpoint = endpoint
        self._token = token
        self._callbacks = callbacks
        self._observing_seconds = observing_seconds
        self._backoff = Backoff()
        self._stream_id = uuid4()
        self._exchange = FrameExchange(self.outbox, linger_seconds=linger_seconds)
        self._finishing = asyncio.Event()
        self._is_interrupted = False
        #: Whether a token expired and the stream has not been resumed with the next one yet.
        self._is_renewing = False
        #: When an entry was last acknowledged, or the first one was added; meaningless while the outbox is empty.
        self._progress_at = 0.0
        self.open_count = 0
        self.rejected = 0

    @property
    def sent(self) -> int:
        """Entries written to the wire; those that were sent again count again."""
        return self._exchange.sent

    @property
    def stalled_seconds(self) -> float:
        """For how long entries have been kept without any acknowledgement; 0 if none is kept."""
        return time.monotonic() - self._progress_at if self.outbox.unacknowledged_count else 0.0

    def notify(self) -> None:
        """Wake the sender: the outbox has something new to send."""
        if self.outbox.unacknowledged_count == 1:
            self._progress_at = time.monotonic()
        self._exchange.notify()

    def finish(self) -> None:
        """Half-close when everything is acknowledged, and let `run` return."""
        self._finishing.set()
        self._exchange.finish()

    async def run(self) -> None:
        """Send until `finish`, across all interruptions; RelayFailed if no retry can heal one."""
        while not self._finishing.is_set():
            acknowledged = self.outbox.acknowledged_count
            reconnect_after = await self._run_call()
            if self.outbox.acknowledged_count > acknowledged or not self.outbox.unacknowledged_count:
                self._backoff.reset()
            if reconnect_after is None:
                await self._wait(self._backoff.next_delay())
            else:
                await self._wait(retry_policy.with_jitter(reconnect_after))

    async def _run_call(self) -> float | None:
        """Make one call and serve it until it ends.

        Return after how many seconds to open the next one, if the service said so in `draining`; otherwise None.
        """
        try:
            metadata = await self._token.metadata()
        except Exception as error:  # noqa: BLE001 - the user's code; its message might contain a secret, its type does not
            self._log_interruption(f"no token: {type(error).__name__}")
            return None
        try:
            async with connect(self._endpoint, metadata) as call:
                self._resume(await call.open(self._stream_id, self._observing_seconds()))
                return await self._exchange.run(call, self._on_ack)
        except aio.AioRpcError as error:
            self._handle_error(error)
        except UnknownPosition:
            self._start_new_stream("the service does not know its position")
        except (TimeoutError, EOFError) as error:
            self._log_interruption(str(error) or "the service did not answer in time")
        return None

    def _resume(self, opened: tracking.StreamOpened) -> None:
        if not self.outbox.can_resume_at(opened.committed_sequence):
            raise UnknownPosition
        if self._is_interrupted or self._is_renewing:
            _log.info(
                "resumed",
                extra={"stream": str(self._stream_id), "unacknowledged": self.outbox.unacknowledged_count},
            )
        self._is_interrupted = self._is_renewing = False
        self.open_count += 1
        self._exchange.max_unacknowledged = opened.max_unacknowledged
        self._acknowledge(opened.committed_sequence)
        self.outbox.use_columns(accepted=opened.accepts_heartbeats)
        self.outbox.resend()
        self._callbacks.opened(opened)

    def _on_ack(self, ack: tracking.StreamAck) -> None:
        if ack.rejections:
            rejections = {rejection.sequence: rejection for rejection in ack.rejections}
            self.rejected += len(rejections)
            self._callbacks.rejected([(entry, rejections[entry.sequence]) for entry in self.outbox.find(rejections)])
        self._acknowledge(ack.committed_sequence)

    def _acknowledge(self, committed: int) -> None:
        count = self.outbox.acknowledge(committed)
        if count:
            self._progress_at = time.monotonic()
            self._callbacks.acknowledged(count, self.ack_callbacks.due(self.outbox.acknowledged_count))

    def _handle_error(self, error: aio.AioRpcError) -> None:
        reason = retry_policy.error_reason(error)
        action = retry_policy.next_action(error)
        if action is NextAction.GIVE_UP or (action is NextAction.RENEW_TOKEN and not self._token.is_renewable):
            raise RelayFailed(error.details() or "", code=error.code().name, reason=reason) from error
        if action is NextAction.NEW_STREAM:
            self._start_new_stream(reason)
        elif reason == retry_policy.TOKEN_EXPIRED and not (self._is_interrupted or self._is_renewing):
            # Only if the next token is refused as well is something wrong.
            self._is_renewing = True
            _log.info("token expired; the stream goes on with another one", extra={"stream": str(self._stream_id)})
        elif reason == retry_policy.DRAINING and not self._is_interrupted:
            _log.info("this replica stops; the stream goes to another one", extra={"stream": str(self._stream_id)})
        elif reason == retry_policy.SEQUENCE_GAP:
            _log.error("the relay skipped a number, which is a bug in it; resuming: %s", error.details())
        else:
            self._log_interruption(f"{error.code().name} {reason}".rstrip())

    def _start_new_stream(self, cause: str) -> None:
        _log.warning(
            "stream lost; its unacknowledged events go to a new one: %s",
            cause,
            extra={"stream": str(self._stream_id), "unacknowledged": self.outbox.unacknowledged_count},
        )
        self._stream_id = uuid4()
        self.outbox.renumber()

    def _log_interruption(self, cause: str) -> None:
        """Log the first of several failures in a row as a warning, the others at debug level."""
        level = logging.DEBUG if self._is_interrupted else logging.WARNING
        _log.log(level, "stream interrupted, events are kept: %s", cause, extra={"stream": str(self._stream_id)})
        self._is_interrupted = True

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finishing.wait(), seconds)

"""One socket from the accepted handshake to its end: what happens to it becomes events."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypedDict

from gateway.presence_socket import protocol
from gateway.presence_socket.activity import ActivityLog, TokenBucket
from gateway.presence_socket.connection import PageConnection
from gateway.presence_socket.handshake import Participant
from gateway.presence_socket.protocol import CloseError, CloseReason
from heartbeat_relay import HeartbeatRelay, Reason, RelayError, RelayFull, UserType
from servicekit.auth.verifier import CLOCK_SKEW_SECONDS
from servicekit.clock import SystemClock, seconds

TOKEN_EXPIRY_GRACE = seconds(CLOCK_SKEW_SECONDS)
_CLOCK = SystemClock()


class _Source(TypedDict):
    """Where an event comes from, as the relay's methods take it."""

    session_id: int
    user_id: int
    user_type: UserType
    connection_id: str


class PresenceSession:
    """Turns what happens to a socket into events. One process has ten thousand of them, so none has a task."""

    __slots__ = (
        "_activity",
        "_connection",
        "_drop_reason",
        "_is_closing",
        "_is_committed",
        "_is_rejected",
        "_last_sign_at",
        "_last_sign_monotonic",
        "_participant",
        "_relay",
        "connection_id",
    )

    def __init__(
        self, connection: PageConnection, participant: Participant, relay: HeartbeatRelay, connection_id: str
    ) -> None:
        """`connection_id` identifies the socket to the tracking service. Nothing is sent yet."""
        self.connection_id = connection_id
        self._connection = connection
        self._participant = participant
        self._relay = relay
        #: Made with the first activity message; many sockets have none.
        self._activity: ActivityLog | None = None
        self._is_committed = False
        self._is_rejected = False
        #: The last check found that one side had begun to close.
        self._is_closing = False
        #: Why the server dropped the connection; None if the page or the network ended it.
        self._drop_reason: Reason | None = None
        self._note_sign_of_life()

    def start(self) -> None:
        """Record the connect; the page is notified when it is committed. RelayError if the relay can't take it."""
        connected_at = self._last_sign_at

        def on_committed() -> None:
            self._is_committed = True
            self.send(
                protocol.connected(
                    **self._source(),
                    connected_at=connected_at,
                    heartbeat_interval=self._relay.heartbeat_interval,
                    presence_timeout=self._relay.presence_timeout,
                )
            )

        self._relay.connect(**self._source(), at=connected_at, on_acknowledged=on_committed)

    async def read_messages(self) -> None:
        """Read the page's messages until the socket ends.

        Raises:
            CloseError: a message is not valid.
            RelayError: the relay has stopped.
        """
        bucket: TokenBucket | None = None
        while (message := await self._connection.next_message()) is not None and not self._is_rejected:
            await self._take_activity(protocol.parse_activity(message))
            now = time.monotonic()
            bucket = bucket or TokenBucket(now)
            if delay := bucket.delay(now):
                await asyncio.sleep(delay)

    async def check(self, max_silence: float) -> None:
        """Ping the page. End the socket if it was silent for more than `max_silence` seconds or its token expired."""
        if time.monotonic() - self._last_sign_monotonic > max_silence:
            self._drop("timed_out")
        elif not self._connection.is_open:
            # A close that has not finished after a whole interval never will.
            if self._is_closing:
                self._drop("closed")
            self._is_closing = True
        elif _CLOCK.now() > self._participant.token_expires_at + TOKEN_EXPIRY_GRACE:
            self._close_soon(CloseError(CloseReason.TOKEN_EXPIRED))
        else:
            await self._connection.ping(self._on_pong)

    def send(self, message: str) -> None:
        """Send a message, unless the tracking service has rejected this participant."""
        if not self._is_rejected:
            self._connection.send(message)

    def send_recovery(self) -> None:
        """Notify the page that events are committed again."""
        if self._is_committed:
            self.send(protocol.ack(self._activity.settled if self._activity else 0))

    def reject(self, error: CloseError) -> None:
        """Close the socket because the tracking service rejects this participant's events."""
        self._is_rejected = True
        self._close_soon(error)

    def finish(self) -> None:
        """Record the end: at the close frame if there was one, else at the last sign of life.

        What a disconnect changes: docs/presence.md#disconnects.
        """
        if self._is_rejected:
            return
        is_closed_by_page = self._drop_reason is None and self._connection.got_close_frame
        at = datetime.now(UTC) if is_closed_by_page else self._last_sign_at
        # If the disconnect is lost, presence ends at the last sign of life.
        with suppress(RelayError):
            self._relay.disconnect(**self._source(), reason=self._drop_reason or "closed", at=at)

    def _source(self) -> _Source:
        return {
            "session_id": self._participant.session_id,
            "user_id": self._participant.user_id,
            "user_type": self._participant.user_type,
            "connection_id": self.connection_id,
        }

    async def _take_activity(self, activity_type: str) -> None:
        self._note_sign_of_life()
        self._activity = self._activity or ActivityLog()
        if self._activity.add(activity_type, int(self._last_sign_monotonic)):
            await self._record_activity(self._last_sign_at, activity_type)
        self._acknowledge()

    async def _record_activity(self, at: datetime, activity_type: str) -> None:
        while True:
            # While the relay is full, the page's messages are not read further.
            await self._relay.room()
            with suppress(RelayFull):
                self._relay.heartbeat(
                    **self._source(), activity_type=activity_type, at=at, on_acknowledged=self._on_activity_acknowledged
                )
                return

    def _on_activity_acknowledged(self) -> None:
        if self._activity is not None:
            self._activity.mark_acknowledged()
        self._acknowledge()

    def _acknowledge(self) -> None:
        activities = self._activity.next_ack() if self._activity else None
        if activities is not None:
            self.send(protocol.ack(activities))

    def _on_pong(self, pong: asyncio.Future[float]) -> None:
        if pong.cancelled() or pong.exception() is not None or self._is_rejected:
            return
        self._note_sign_of_life()
        # A full relay loses heartbeats: its capacity limits how long an outage it can bridge.
        with suppress(RelayError):
            self._relay.heartbeat(**self._source(), at=self._last_sign_at)

    def _note_sign_of_life(self) -> None:
        self._last_sign_at = datetime.now(UTC)
        # Silence is measured by a clock that is never set.
        self._last_sign_monotonic = time.monotonic()

    def _close_soon(self, error: CloseError) -> None:
        if self._connection.is_open:
            self._connection.close_soon(error)

    def _drop(self, reason: Reason) -> None:
        self._drop_reason = reason
        self._connection.drop()

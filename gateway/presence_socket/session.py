"""One socket from the accepted handshake to its end: what happens to it becomes events."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypedDict

from gateway.presence_socket import protocol
from gateway.presence_socket.activity import ActivityLog, TokenBucket
from gateway.presence_socket.connection import PageConnection
from gateway.presence_socket.handshake import Participant
from gateway.presence_socket.protocol import CloseError, CloseReason
from heartbeat_relay import HeartbeatRelay, RelayError, RelayFull, UserType
from servicekit.clock import Instant


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
        "_is_closing",
        "_is_committed",
        "_is_recorded",
        "_is_rejected",
        "_last_sign_at",
        "_last_sign_monotonic",
        "_on_pong",
        "_participant",
        "_recorded_at",
        "_relay",
        "connection_id",
    )

    def __init__(
        self,
        connection: PageConnection,
        participant: Participant,
        relay: HeartbeatRelay,
        connection_id: str,
        on_pong: Callable[[PresenceSession], None],
    ) -> None:
        """`connection_id` identifies the socket to the tracking service. Nothing is sent yet.

        `on_pong` is called with this session when a pong arrived; then `record_sign_of_life` has to follow soon.
        """
        self.connection_id = connection_id
        self._connection = connection
        self._participant = participant
        self._relay = relay
        self._on_pong = on_pong
        #: Made with the first activity message; many sockets have none.
        self._activity: ActivityLog | None = None
        #: The relay has taken the connect.
        self._is_recorded = False
        self._is_committed = False
        self._is_rejected = False
        #: The last check found that one side had begun to close.
        self._is_closing = False
        self._note_sign_of_life(datetime.now(UTC))
        #: The latest sign of life that the relay has taken.
        self._recorded_at = self._last_sign_at

    @property
    def session_id(self) -> int:
        """The whiteboard session."""
        return self._participant.session_id

    def start(self, observe_confirmation: Callable[[float], object] = lambda _seconds: None) -> None:
        """Record the connect; the page is notified when it is committed. RelayError if the relay can't take it.

        `observe_confirmation` is called with the seconds that it waited for that.
        """
        connected_at, began = self._last_sign_at, self._last_sign_monotonic

        def on_committed() -> None:
            self._is_committed = True
            observe_confirmation(time.monotonic() - began)
            self.send(
                protocol.connected(
                    **self._source(),
                    connected_at=connected_at,
                    heartbeat_interval=self._relay.heartbeat_interval,
                    presence_timeout=self._relay.presence_timeout,
                )
            )

        self._relay.connect(**self._source(), at=connected_at, on_acknowledged=on_committed)
        self._is_recorded = True

    async def read_messages(self) -> None:
        """Read the page's messages until the socket ends. They are read at once: who waits is stamped late.

        Raises:
            CloseError: a message is not valid, or there are too many.
            RelayError: the relay has stopped.
        """
        bucket: TokenBucket | None = None
        while (message := await self._connection.next_message()) is not None and not self._is_rejected:
            activity_type = protocol.parse_activity(message)
            now = time.monotonic()
            bucket = bucket or TokenBucket(now)
            self._take_activity(activity_type)
            if not bucket.take(now):
                raise CloseError(CloseReason.TOO_MANY_MESSAGES)

    def check(self, *, silent_since: float, expired_at: Instant) -> None:
        """Ping the page; end the socket instead if it was last heard before `silent_since`, or its token has expired.

        The former is a time of the monotonic clock. A token has expired whose time is before `expired_at`.
        """
        if self._activity is not None:
            self._record_activity(self._activity)
        if self._last_sign_monotonic < silent_since:
            self._connection.drop()
        elif not self._connection.is_open:
            # A close that has not finished after a whole interval never will.
            if self._is_closing:
                self._connection.drop()
            self._is_closing = True
        elif self._participant.token_expires_at < expired_at:
            self._close_soon(CloseError(CloseReason.TOKEN_EXPIRED))
        else:
            self._connection.ping(self._take_pong)

    def record_sign_of_life(self) -> None:
        """Record the last sign of life, if that has not been done yet."""
        if self._is_rejected or not self._is_recorded or self._last_sign_at == self._recorded_at:
            return
        try:
            self._relay.heartbeat(**self._source(), at=self._last_sign_at)
        except RelayError:
            # A full relay loses heartbeats: its capacity limits how long an outage it can bridge.
            return
        self._recorded_at = self._last_sign_at

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
        """Record the end: at the page's close frame if it sent one, else at the last sign of life.

        Only a page's own close frame proves that it left (docs/presence.md#disconnects). A server that restarts records
        no end at all: its pages come back.
        """
        if self._is_rejected or not self._is_recorded:
            return
        self.record_sign_of_life()
        # If an event is lost, presence ends at the last sign of life that is recorded.
        with suppress(RelayError):
            if self._connection.is_closed_by_page:
                closed_at = max(self._connection.arrived_at, self._last_sign_at)
                self._relay.disconnect(**self._source(), reason="closed", at=closed_at)
            elif not self._connection.is_closed_by_restart:
                self._relay.disconnect(**self._source(), reason="timed_out", at=self._last_sign_at)

    def _source(self) -> _Source:
        return {
            "session_id": self._participant.session_id,
            "user_id": self._participant.user_id,
            "user_type": self._participant.user_type,
            "connection_id": self.connection_id,
        }

    def _take_activity(self, activity_type: str) -> None:
        self._note_sign_of_life(self._connection.arrived_at)
        self._activity = self._activity or ActivityLog()
        if not self._activity.add(activity_type, self._last_sign_at):
            raise CloseError(CloseReason.TOO_MANY_MESSAGES)
        self._record_activity(self._activity)
        self._acknowledge()

    def _record_activity(self, activity: ActivityLog) -> None:
        """Record what waits, unless the relay is full; then it is tried again later."""
        with suppress(RelayFull):
            for waiting in activity.waiting():
                self._relay.heartbeat(
                    **self._source(),
                    activity_type=waiting.activity_type,
                    at=waiting.at,
                    on_acknowledged=self._on_activity_acknowledged,
                )
                activity.mark_recorded(waiting)
                self._recorded_at = max(self._recorded_at, waiting.at)

    def _on_activity_acknowledged(self) -> None:
        if self._activity is not None:
            self._activity.mark_acknowledged()
        self._acknowledge()

    def _acknowledge(self) -> None:
        activities = self._activity.next_ack() if self._activity else None
        if activities is not None:
            self.send(protocol.ack(activities))

    def _take_pong(self) -> None:
        self._note_sign_of_life(self._connection.arrived_at)
        self._on_pong(self)

    def _note_sign_of_life(self, at: datetime) -> None:
        self._last_sign_at = at
        # Silence is measured by a clock that is never set.
        self._last_sign_monotonic = time.monotonic()

    def _close_soon(self, error: CloseError) -> None:
        if self._connection.is_open:
            self._connection.close_soon(error)

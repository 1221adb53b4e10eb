"""What the tracking service is told of one socket."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from gateway.presence_socket.attendee import Attendee, Rhythm
from heartbeat_relay import HeartbeatRelay, Reason, RelayError, RelayFull


class Reporter:
    """One connection of one attendee."""

    __slots__ = ("_relay", "attendee", "connection_id")

    def __init__(self, relay: HeartbeatRelay, attendee: Attendee, connection_id: str) -> None:
        """Nothing is told yet."""
        self._relay = relay
        self.attendee = attendee
        self.connection_id = connection_id

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm as it is now; the documented one until the service was reached."""
        return Rhythm(self._relay.heartbeat_interval, self._relay.presence_timeout)

    def connected(self, at: datetime, on_answered: Callable[[], None]) -> None:
        """Tell that the socket opened; RelayError."""
        self._relay.connect(
            session_id=self.attendee.session_id,
            user_id=self.attendee.user_id,
            user_type=self.attendee.user_type,
            connection_id=self.connection_id,
            at=at,
            on_answered=on_answered,
        )

    def alive(self, at: datetime) -> None:
        """Tell of a sign of life. In a relay that is full it is lost: the capacity is what an outage may take."""
        with suppress(RelayError):
            self._relay.heartbeat(
                session_id=self.attendee.session_id,
                user_id=self.attendee.user_id,
                user_type=self.attendee.user_type,
                connection_id=self.connection_id,
                at=at,
            )

    async def active(self, at: datetime, activity_type: str, on_answered: Callable[[], None]) -> None:
        """Tell what the user does; waits for room, so that whoever is active is read no further. RelayError."""
        while True:
            await self._relay.room()
            with suppress(RelayFull):
                self._relay.heartbeat(
                    session_id=self.attendee.session_id,
                    user_id=self.attendee.user_id,
                    user_type=self.attendee.user_type,
                    activity_type=activity_type,
                    connection_id=self.connection_id,
                    at=at,
                    on_answered=on_answered,
                )
                return

    def disconnected(self, at: datetime, reason: Reason) -> None:
        """Tell that the socket is gone. If that is lost, too, presence ends at the last sign of life."""
        with suppress(RelayError):
            self._relay.disconnect(
                session_id=self.attendee.session_id,
                user_id=self.attendee.user_id,
                user_type=self.attendee.user_type,
                connection_id=self.connection_id,
                reason=reason,
                at=at,
            )

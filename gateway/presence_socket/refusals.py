"""What becomes of sockets whose events the tracking service refuses."""

from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from gateway.presence_socket import closings
from gateway.presence_socket.roll import Roll


class Refusals:
    """Hears of every event that was refused."""

    def __init__(self, roll: Roll) -> None:
        """Events name their sockets, which are on the roll."""
        self._roll = roll

    def tell(self, event: tracking_pb2.PresenceEvent, reason: str, message: str) -> None:
        """Close the socket that an event came from, if the refusal is one of the socket and not of the event alone."""
        session, kind = self._roll.find(event.connection_id), closings.OF_REFUSAL.get(reason)
        if session is not None and kind is not None:
            session.refuse(kind(message))

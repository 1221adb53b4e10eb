"""What the tracking service does, and what that means for the sockets: outages, and rejected events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from astegni.tracking.v1 import tracking_pb2
from gateway.presence_socket import protocol
from gateway.presence_socket.protocol import CloseError, CloseReason
from gateway.presence_socket.registry import SessionRegistry
from gateway.presence_socket.session import PresenceSession
from heartbeat_relay import HeartbeatRelay

_log = logging.getLogger(__name__)

#: A flush takes milliseconds and a restart of the service some seconds; pages need not know of those.
OUTAGE_THRESHOLD = timedelta(seconds=5)
POLL_INTERVAL_SECONDS = 0.5
#: Rejections after which the socket is closed: they concern the participant, and not one event alone.
_CLOSING_REJECTIONS = frozenset({CloseReason.NOT_A_PARTICIPANT.name, CloseReason.WHITEBOARD_SESSION_NOT_FOUND.name})


class OutageMonitor:
    """Polls the relay, and notifies all pages when an outage begins or ends."""

    def __init__(self, relay: HeartbeatRelay, sessions: Iterable[PresenceSession], *, threshold: timedelta) -> None:
        """Start without an outage; one begins when the tracking service has answered nothing for `threshold`."""
        self._relay = relay
        self._sessions = sessions
        self._threshold = threshold
        self._is_outage = False

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await asyncio.sleep(POLL_INTERVAL_SECONDS)
            self._poll()

    def greet(self, session: PresenceSession) -> None:
        """During an outage, notify a new session why its `connected` takes so long."""
        if self._is_outage:
            session.send(protocol.tracking_unavailable())

    def _poll(self) -> None:
        is_outage = self._relay.stalled_for > self._threshold
        if is_outage == self._is_outage:
            return
        self._is_outage = is_outage
        if is_outage:
            _log.warning("the tracking service commits nothing; events are kept and sent again")
        else:
            _log.info("the tracking service commits again")
        for session in self._sessions:
            if is_outage:
                session.send(protocol.tracking_unavailable())
            else:
                session.send_recovery()


def close_rejected(registry: SessionRegistry, event: tracking_pb2.PresenceEvent, reason: str, message: str) -> None:
    """Close the socket that a rejected event came from, if the rejection concerns the participant."""
    session = registry.find(event.connection_id)
    if session is not None and reason in _CLOSING_REJECTIONS:
        session.reject(CloseError(CloseReason[reason], message))

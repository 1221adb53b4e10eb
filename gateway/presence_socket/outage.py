"""Whether the tracking service commits anything, and telling the pages when that changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from gateway.presence_socket import messages
from gateway.presence_socket.session import PresenceSession
from heartbeat_relay import HeartbeatRelay

_log = logging.getLogger(__name__)

#: A flush takes milliseconds, a restart of the service some seconds: nobody need be told of those.
OUTAGE = timedelta(seconds=5)
LOOK_INTERVAL_SECONDS = 0.5


class OutageWatch:
    """Looks at the relay again and again."""

    def __init__(self, relay: HeartbeatRelay, sessions: Iterable[PresenceSession], *, outage: timedelta) -> None:
        """`outage` is how long nothing may be answered for before the pages are told."""
        self._relay = relay
        self._sessions = sessions
        self._outage = outage
        self._is_away = False

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_INTERVAL_SECONDS)
            self._look()

    def welcome(self, session: PresenceSession) -> None:
        """Tell a newcomer during an outage why its `connected` takes so long."""
        if self._is_away:
            session.tell(messages.tracking_unavailable())

    def _look(self) -> None:
        is_away = self._relay.stalled_for > self._outage
        if is_away == self._is_away:
            return
        self._is_away = is_away
        if is_away:
            _log.warning("the tracking service commits nothing; signs of life are kept and sent again")
        else:
            _log.info("the tracking service commits again")
        for session in self._sessions:
            if is_away:
                session.tell(messages.tracking_unavailable())
            else:
                session.tell_recovery()

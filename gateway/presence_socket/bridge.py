"""From sockets to the tracking service and back."""

from __future__ import annotations

import random

from websockets.asyncio.server import ServerConnection

from gateway.presence_socket import handshake, identity, messages
from gateway.presence_socket.attendee import Attendee
from gateway.presence_socket.closings import Closing, TryAgainLater
from gateway.presence_socket.outage import OutageWatch
from gateway.presence_socket.page import Page
from gateway.presence_socket.plain import PlainSockets
from gateway.presence_socket.reporter import Reporter
from gateway.presence_socket.roll import Roll
from gateway.presence_socket.session import PresenceSession
from heartbeat_relay import HeartbeatRelay, RelayError
from servicekit.auth.verifier import TokenVerifier

#: Pages of a server that restarts come back at this pace: a quarter of what one takes, and as many tokens to verify.
RETURNS_PER_SECOND = 500
#: Nobody comes back before the next server can be there.
FIRST_RETURN_SECONDS = 1.0


class Bridge:
    """Serves sockets whose handshake was accepted."""

    def __init__(self, relay: HeartbeatRelay, roll: Roll, outage: OutageWatch, tokens: TokenVerifier) -> None:
        """Sockets are on the roll while they are served."""
        self._relay = relay
        self._roll = roll
        self._outage = outage
        self._tokens = tokens
        self._plain_sockets = PlainSockets()

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one socket until it is gone."""
        if connection.subprotocol is None:
            await self._plain_sockets.serve(connection)
            return
        try:
            attendee = self._attendee(connection)
        except Closing as closing:
            await Page(connection).close(closing)
            return
        page = Page(connection)
        session = PresenceSession(page, Reporter(self._relay, attendee, connection.id.hex))
        self._roll.add(session)
        try:
            session.enter()
            self._outage.welcome(session)
            await session.listen()
        except Closing as closing:
            await page.close(closing)
        except RelayError:
            await page.close(TryAgainLater())
        finally:
            self._roll.remove(session)
            session.leave()

    def drain(self) -> None:
        """Tell every page when to come back; closing is the server's."""
        spread = len(self._roll) / RETURNS_PER_SECOND
        for session in self._roll:
            after = FIRST_RETURN_SECONDS + random.uniform(0, spread)  # noqa: S311 - spreads load, keeps no secret
            session.tell(messages.draining(after))

    def _attendee(self, connection: ServerConnection) -> Attendee:
        request = connection.request
        if request is None:
            raise ValueError("a connection without a request was accepted")
        subprotocols = handshake.offered(request.headers.get_all("sec-websocket-protocol"))
        return identity.attendee(handshake.read(request.path, subprotocols), self._tokens)

"""Serves sockets whose handshake was accepted."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from websockets.asyncio.server import ServerConnection

from gateway.presence_socket import handshake, protocol
from gateway.presence_socket.client_addresses import address_of
from gateway.presence_socket.connection import PageConnection
from gateway.presence_socket.handshake import Participant
from gateway.presence_socket.instruments import LEGACY_SOCKETS, SocketInstruments
from gateway.presence_socket.legacy_sockets import LegacySockets
from gateway.presence_socket.protocol import CloseError, CloseReason
from gateway.presence_socket.registry import SessionRegistry
from gateway.presence_socket.session import PresenceSession
from gateway.presence_socket.upstream import OutageMonitor
from gateway.presence_socket.user_sockets import UserSockets
from heartbeat_relay import HeartbeatRelay, RelayError
from servicekit.auth.verifier import TokenVerifier
from servicekit.correlation import current_correlation

if TYPE_CHECKING:
    from servicekit.tracing.sockets import SocketSpan, SocketSpans

_log = logging.getLogger(__name__)

#: After a restart, pages reconnect at this rate: a quarter of what a process can take, with as many tokens to verify.
RECONNECTS_PER_SECOND = 500
#: A user who opens too many sockets is told so after this time: whoever opens the next one at once costs others less.
SLOW_REFUSAL_SECONDS = 1.0
#: The next server can't be up sooner.
MIN_RECONNECT_SECONDS = 1.0


class SocketHandler:
    """Authenticates a socket, and runs its session until it ends."""

    def __init__(
        self,
        relay: HeartbeatRelay,
        registry: SessionRegistry,
        outages: OutageMonitor,
        tokens: TokenVerifier,
        user_sockets: UserSockets,
        *,
        instruments: SocketInstruments,
        spans: SocketSpans | None = None,
    ) -> None:
        """Sessions are in `registry` while they are served. Without `spans` there are no traces."""
        self._relay = relay
        self._registry = registry
        self._outages = outages
        self._tokens = tokens
        self._user_sockets = user_sockets
        self._instruments = instruments
        self._spans = spans
        self._legacy_sockets = LegacySockets(on_refused=partial(instruments.note_refused, LEGACY_SOCKETS))

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one socket until it ends. What is logged meanwhile has the ids of its request."""
        if connection.request is not None:
            current_correlation.set(handshake.correlation(connection.request.headers))
        if connection.subprotocol is None:
            await self._legacy_sockets.serve(connection)
            return
        try:
            participant = self._authenticate(connection)
            with self._user_sockets.opened(participant.user_id):
                await self._run_session(PageConnection(connection), participant, connection.id.hex)
        except CloseError as error:
            self._instruments.note_refused(error.reason.name, address_of(connection))
            _log.debug("socket refused", extra={"reason": error.reason.name})
            if error.reason is CloseReason.TOO_MANY_SOCKETS:
                await _wait_until_closed(connection, SLOW_REFUSAL_SECONDS)
            await PageConnection(connection).close(error)

    def drain(self) -> None:
        """Notify every page when to reconnect. The server closes the sockets afterwards."""
        spread = len(self._registry) / RECONNECTS_PER_SECOND
        for session in self._registry:
            delay = MIN_RECONNECT_SECONDS + random.uniform(0, spread)  # noqa: S311 - spreads load, keeps no secret
            session.send(protocol.draining(delay))

    async def _run_session(self, page: PageConnection, participant: Participant, connection_id: str) -> None:
        session = PresenceSession(page, participant, self._relay, connection_id, self._registry.note_pong)
        self._registry.add(session)
        self._instruments.opened.inc()
        span = self._spans.begin(handshake.ROUTE) if self._spans else None
        try:
            session.start(self._on_confirmed(span))
            self._outages.greet(session)
            await session.read_messages()
        except CloseError as error:
            self._instruments.note_limit(error.reason.name)
            await page.close(error)
        except RelayError:
            await page.close(CloseError(CloseReason.TRY_AGAIN_LATER))
        finally:
            self._registry.remove(session)
            self._instruments.note_closed(page.close_code)
            _log.debug("socket ended", extra={"close_code": page.close_code})
            if span is not None:
                span.end(page.close_code)
            session.finish()

    def _on_confirmed(self, span: SocketSpan | None) -> Callable[[float], object]:
        observe = self._instruments.confirm_seconds.observe
        if span is None:
            return observe

        def confirmed(seconds: float) -> None:
            observe(seconds)
            span.note("connected")

        return confirmed

    def _authenticate(self, connection: ServerConnection) -> Participant:
        request = connection.request
        if request is None:
            raise ValueError("a connection without a request was accepted")
        subprotocols = handshake.offered_subprotocols(request.headers.get_all("sec-websocket-protocol"))
        return handshake.authenticate(handshake.read_request(request.path, subprotocols), self._tokens)


async def _wait_until_closed(connection: ServerConnection, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(connection.wait_closed(), seconds)

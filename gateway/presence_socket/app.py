"""The one place that constructs the presence socket, and stops it in reverse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from gateway.presence_socket.bridge import Bridge
from gateway.presence_socket.outage import OUTAGE, OutageWatch
from gateway.presence_socket.refusals import Refusals
from gateway.presence_socket.roll import Roll
from gateway.presence_socket.server import SocketServer
from gateway.presence_socket.settings import PresenceSocketSettings
from gateway.presence_socket.wheel import Wheel
from heartbeat_relay import EventsUnacknowledged, HeartbeatRelay, RelayFailed
from servicekit.auth.issuer import issue_service_token
from servicekit.auth.keys import load_keys
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import SystemClock

_log = logging.getLogger(__name__)

#: How this process calls itself at the tracking service.
_SERVICE = "presence-socket"
#: One carries some 10,000 participants; of two, each may end at another replica of the tracking service.
STREAMS = 2
#: Some 30 MiB: 10,000 sockets ride out an outage of 12 minutes.
CAPACITY = 500_000
#: No page minds waiting so long for `connected`. Fewer messages cost less: of a storm of newcomers a fifth of all
#: processor time, here and in the tracking service.
LINGER_SECONDS = 0.050
#: At a stop: for every page to answer our close frame ...
CLOSING_SECONDS = 4.0
#: ... and for the disconnects to be committed. Together under 10 s, like the services.
FLUSH_SECONDS = 4.0


class PresenceSocketApp:
    """A running presence socket."""

    def __init__(self, settings: PresenceSocketSettings, *, outage: timedelta = OUTAGE) -> None:
        """Construct everything; nothing connects or listens yet. KeysInvalid if no key can verify a token.

        `outage` is how long nothing may be committed before pages are told.
        """
        clock = SystemClock()
        secret = settings.jwt_hs256_secret.get_secret_value()
        keys = load_keys(secret, settings.jwt_jwks_file)
        self._settings = settings
        roll = Roll()
        self._relay = HeartbeatRelay(
            settings.tracking_address,
            _token_source(secret, settings.service_token_file, clock),
            streams=STREAMS,
            capacity=CAPACITY,
            flush_seconds=FLUSH_SECONDS,
            linger_seconds=LINGER_SECONDS,
            on_rejection=Refusals(roll).tell,
        )
        self._wheel = Wheel(roll, self._relay)
        self._outage = OutageWatch(self._relay, roll, outage=outage)
        self._bridge = Bridge(self._relay, roll, self._outage, TokenVerifier(keys, clock))
        self._server = SocketServer(self._bridge.serve, origins=settings.socket_allowed_origins)
        #: Without one of these the process can't do its work.
        self.vital: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    async def start(self) -> None:
        """Listen, also while the tracking service is away: sockets wait for it."""
        await self._relay.__aenter__()
        self.vital = [
            asyncio.create_task(work) for work in (self._relay.failed(), self._wheel.turn(), self._outage.run())
        ]
        await self._server.start(self._settings.listen_host, self._settings.socket_port)
        _log.info("serving", extra={"port": self.port})

    async def stop(self) -> None:
        """Health 503, `draining` to every page, 1012, disconnects committed, exit."""
        self._server.drain()
        self._bridge.drain()
        _, late = await asyncio.wait([asyncio.create_task(self._server.close())], timeout=CLOSING_SECONDS)
        if late:
            _log.warning("some sockets did not close in time; presence on them ends at the last sign of life")
        for task in self.vital:
            task.cancel()
        await asyncio.wait(self.vital)
        try:
            await self._relay.__aexit__(None, None, None)
        except EventsUnacknowledged as error:
            _log.warning("left with %d events that the tracking service has not answered for", error.count)
        except RelayFailed as error:
            _log.critical("the tracking service refuses this process: %s", error)


def _token_source(secret: str, file: Path | None, clock: SystemClock) -> Callable[[], str]:
    if secret:
        return lambda: issue_service_token(secret, service=_SERVICE, clock=clock)
    if file is None:
        raise ValueError("settings without a way to a service token")
    return file.read_text

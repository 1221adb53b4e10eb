"""The one place that constructs the presence socket, starts it, and stops it in reverse order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from gateway.presence_socket.gateway_watch import GatewayWatch
from gateway.presence_socket.handler import SocketHandler
from gateway.presence_socket.instruments import SocketInstruments, show_state
from gateway.presence_socket.registry import PingScheduler, SessionRegistry
from gateway.presence_socket.server import SocketServer
from gateway.presence_socket.settings import PresenceSocketSettings
from gateway.presence_socket.upstream import OUTAGE_THRESHOLD, OutageMonitor, close_rejected
from gateway.presence_socket.user_sockets import UserSockets
from heartbeat_relay import EventsUnacknowledged, HeartbeatRelay, RelayFailed
from servicekit.addresses import grpc_target
from servicekit.auth.rotating_keys import rotating_keys
from servicekit.auth.service_token import ServiceToken
from servicekit.auth.verifier import configured_verifier
from servicekit.clock import SystemClock
from servicekit.gateway_probe import GatewayProbe
from servicekit.metrics.server import MetricsServer, process_registry
from servicekit.tls.expiry import certificate_expiry
from servicekit.tls.mutual import channel_credentials, configured_tls, following, reloaded_server_context
from servicekit.tracing.configured import configured_tracing

_log = logging.getLogger(__name__)

#: The name of this process in the tokens that it shows to the tracking service.
_SERVICE = "presence-socket"
#: One carries about 10,000 participants; with two, each may go to another replica of the tracking service.
STREAMS = 2
#: About 30 MiB: enough for 10,000 sockets during an outage of 12 minutes.
CAPACITY = 500_000
#: During a stop, how long all pages together have to answer our close frame ...
MAX_CLOSE_SECONDS = 4.0
#: ... and how long the last events have to be committed. Both fit into servicekit.rpc.server.MAX_STOP_SECONDS.
MAX_FLUSH_SECONDS = 4.0


class PresenceSocketApp:
    """A presence socket: `start`, then `stop`."""

    def __init__(self, settings: PresenceSocketSettings, *, outage_threshold: timedelta = OUTAGE_THRESHOLD) -> None:
        """Construct everything; nothing connects or listens yet. KeysInvalid, TlsInvalid.

        Pages are notified when nothing was committed for longer than `outage_threshold`.
        """
        clock = SystemClock()
        registry = SessionRegistry()
        self._settings = settings
        #: What Prometheus scrapes of this process.
        self.registry = process_registry()
        instruments = SocketInstruments(self.registry)
        self._keys = rotating_keys(settings)
        tls = self._tls = configured_tls(settings)
        self._expiry = certificate_expiry(settings, tls, self.registry)
        files = settings.mutual_tls
        self._contexts = None if files is None else reloaded_server_context(files)
        self._relay = HeartbeatRelay(
            grpc_target(settings.tracking_address),
            ServiceToken(settings, keys=self._keys, service=_SERVICE, clock=clock).get,
            streams=STREAMS,
            capacity=CAPACITY,
            flush_seconds=MAX_FLUSH_SECONDS,
            live=True,
            on_rejection=partial(close_rejected, registry),
            observed_sessions=registry.session_ids,
            credentials=None if tls is None else lambda: channel_credentials(tls.current),
        )
        self._tracing = configured_tracing(settings, "presence_socket")
        self._gateway = GatewayWatch(self._relay)
        self._pings = PingScheduler(registry, self._relay, lambda: self._gateway.is_silent)
        self._outages = OutageMonitor(self._relay, registry, threshold=outage_threshold)
        self._handler = SocketHandler(
            self._relay,
            registry,
            self._outages,
            configured_verifier(settings, self._keys, clock),
            UserSockets(
                limit=settings.max_sockets_per_user,
                opens_per_minute=settings.max_socket_opens_per_minute_per_user,
            ),
            instruments=instruments,
            spans=None if self._tracing is None else self._tracing.socket_spans(),
        )
        self._server = SocketServer(
            self._handler.serve,
            origins=settings.socket_allowed_origins,
            arrival_time=self._gateway.arrival_time,
            tls=None if self._contexts is None else following(self._contexts),
            on_refused=instruments.note_refused,
        )
        show_state(
            self.registry,
            connections=lambda: len(registry),
            unconfirmed=lambda: self._relay.statistics.unacknowledged,
            stalled=lambda: self._relay.stalled_for,
        )
        self.metrics = MetricsServer(self.registry, settings)
        self._running = AsyncExitStack()
        #: Sent while the relay sends the last events.
        self._last_spans: asyncio.Task[None] | None = None
        #: If one of these tasks ends, the process has to end.
        self.vital: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    async def start(self) -> None:
        """Listen. That works while the tracking service is down, too: events are kept until it is up.

        OSError if it can't listen; then everything is stopped again.
        """
        await self._running.enter_async_context(self._serving())

    async def stop(self) -> None:
        """Report as unhealthy, send `draining` to every page, close with 1012, and commit the last events."""
        await self._running.aclose()
        if self._last_spans is not None:
            await self._last_spans

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[None]:
        async with self._relaying(), self._watching():
            self.metrics.start()
            await self._server.start(self._settings.listen_host, self._settings.socket_port)
            _log.info("serving", extra={"port": self.port})
            try:
                yield
            finally:
                await self._close_sockets()
                self.metrics.stop()
                if self._tracing is not None:
                    self._last_spans = asyncio.create_task(self._tracing.stop())

    @asynccontextmanager
    async def _relaying(self) -> AsyncIterator[None]:
        try:
            async with self._relay:
                yield
        except EventsUnacknowledged as error:
            _log.warning("stopped with %d events that the tracking service has not answered", error.count)
        except RelayFailed as error:
            _log.critical("the tracking service refuses this process: %s", error)

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        works = [self._relay.failed(), self._pings.run(), self._outages.run(), self._expiry.run()]
        works += [files.run() for files in (self._keys, self._tls, self._contexts) if files is not None]
        if self._settings.gateway_probe_address:
            works.append(self._probe(self._settings.gateway_probe_address).run())
        self.vital = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in self.vital:
                task.cancel()
            await asyncio.wait(self.vital)

    def _probe(self, address: str) -> GatewayProbe:
        return GatewayProbe(
            address,
            on_answer=self._gateway.note_answer,
            # The relay learns it from the tracking service, so it may change.
            presence_timeout_seconds=lambda: self._relay.presence_timeout / timedelta(seconds=1),
            authorities=self._settings.probe_authorities,
        )

    async def _close_sockets(self) -> None:
        self._server.drain()
        self._handler.drain()
        _, unfinished = await asyncio.wait([asyncio.create_task(self._server.close())], timeout=MAX_CLOSE_SECONDS)
        if unfinished:
            _log.warning("some sockets did not close in time; their presence ends at the last sign of life")

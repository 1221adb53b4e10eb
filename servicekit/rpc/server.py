"""Life cycle of a gRPC server: health, reflection, and an orderly stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from servicekit.rpc.handlers import Handler, Interceptor
from servicekit.tls.mutual import MutualTls, server_credentials

_log = logging.getLogger(__name__)

#: A process ends within this time after SIGTERM (docs/streams.md#shutdown). Orchestrators kill one that takes longer.
MAX_STOP_SECONDS = 10.0
#: How long running calls may take to finish at a stop, unless a service has a limit of its own.
STOP_GRACE_SECONDS = 5.0
#: Largest message that is accepted: a full batch of 1000 events has some 100 KiB.
MAX_MESSAGE_BYTES = 1024 * 1024
#: Largest metadata that is accepted: the gateway's limit for headers, and what it adds. By default gRPC refuses some
#: calls at random between a lower and a higher limit.
MAX_METADATA_BYTES = 16 * 1024
#: After so long a client is asked to connect again; calls and streams that run go on. A client resolves the name of the
#: service anew only when it connects, so without this nobody would use a replica that was started or came back later.
MAX_CONNECTION_AGE_SECONDS = 60
_OPTIONS = (
    ("grpc.max_connection_age_ms", MAX_CONNECTION_AGE_SECONDS * 1000),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", MAX_METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
    # A peer that disappeared is detected within 40 s, also between calls.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Envoy and relays ping more often than gRPC's default allows (5 min).
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    # Otherwise two servers on one port would silently share the calls; the second one must fail.
    ("grpc.so_reuseport", 0),
)

_ServicerT = TypeVar("_ServicerT")


class _Registration:
    """What generated code takes for the server when it registers methods."""

    def __init__(self, server: aio.Server, interceptors: Sequence[Interceptor]) -> None:
        self._server = server
        self._interceptors = interceptors

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        self._server.add_registered_method_handlers(
            service, {name: self._intercepted(handler, f"/{service}/{name}") for name, handler in handlers.items()}
        )

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """Do nothing: these are the same methods, for servers that don't know them by name."""

    def _intercepted(self, handler: Handler, method: str) -> Handler:
        for interceptor in reversed(self._interceptors):
            handler = interceptor.wrapped(handler, method)
        return handler


class Server:
    """A gRPC server that reports NOT_SERVING before it stops."""

    def __init__(
        self,
        address: str,
        *,
        services: Sequence[str],
        interceptors: Sequence[Interceptor],
        tls: MutualTls | None = None,
    ) -> None:
        """`services` are the full names that health checks and reflection report; nothing listens yet.

        The first of the interceptors is the outermost.
        """
        self._grpc = aio.server(options=_OPTIONS)
        self._registration = _Registration(self._grpc, interceptors)
        self._services = services
        self._health = health.aio.HealthServicer()
        self.add(health_pb2_grpc.add_HealthServicer_to_server, self._health)
        described = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
        self.add(
            reflection_pb2_grpc.add_ServerReflectionServicer_to_server, reflection.aio.ReflectionServicer(described)
        )
        if tls is None:
            self.port = self._grpc.add_insecure_port(address)
        else:
            self.port = self._grpc.add_secure_port(address, server_credentials(tls))

    def add(self, register: Callable[[_ServicerT, Any], None], servicer: _ServicerT) -> None:
        """Serve the methods of a servicer; `register` is the generated `add_...Servicer_to_server`."""
        register(servicer, self._registration)

    async def start(self) -> None:
        """Listen and report SERVING."""
        await self._grpc.start()
        for name in ("", *self._services):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def report(self, name: str, *, is_serving: bool) -> None:
        """Report a health of a name of its own; until it is announced that this process stops."""
        statuses = health_pb2.HealthCheckResponse
        await self._health.set(name, statuses.SERVING if is_serving else statuses.NOT_SERVING)

    async def announce_stop(self) -> None:
        """Report NOT_SERVING, so that balancers send new calls to other replicas."""
        await self._health.enter_graceful_shutdown()

    async def stop(self, *, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """Refuse new calls and wait for running ones, at most for the grace period."""
        await self._grpc.stop(grace_seconds)


async def until_stopped(stop: Callable[[], Awaitable[None]], vital: Iterable[asyncio.Task[None]] = ()) -> None:
    """Wait for SIGTERM or SIGINT, then run `stop`.

    If one of the `vital` tasks ends first, the process can't do its work: run `stop` and exit with status 1.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    signalled = asyncio.create_task(stopping.wait())
    await asyncio.wait([signalled, *vital], return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in vital if task.done()]
    for task in failed:
        _log.critical("a vital task ended", exc_info=task.exception())
    _log.info("stopping")
    await stop()
    _log.info("stopped")
    if failed:
        sys.exit(1)

"""Admission of new connections: a queue that starts a few handshakes in each iteration of the event loop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol, cast

from websockets.asyncio.server import Server
from websockets.server import ServerProtocol

from gateway.presence_socket.client_addresses import address_in
from gateway.presence_socket.descriptors import LAST, RESERVE, Descriptors
from gateway.presence_socket.instruments import FILE_DESCRIPTORS, QUEUE_FULL
from gateway.presence_socket.pings import PingedConnection

HEALTH_PATH = "/healthz"
#: A handshake takes 0.5 ms of CPU time, so pongs and health checks wait a few milliseconds at most. If thousands of
#: handshakes started at once, an iteration of the event loop would take seconds.
ADMISSIONS_PER_ITERATION = 8
#: How many connections may wait (docs/presence-socket.md#waiting-for-a-handshake). A process can serve this many in
#: 10 s, after which our pages give up.
MAX_QUEUED = 10_000
#: A request takes one round trip, but a very busy gateway sends it late. A silent connection costs little.
REQUEST_TIMEOUT_SECONDS = 30.0
#: More than the gateway lets through. Before it gets an answer, the gateway sends nothing but the request.
MAX_REQUEST_BYTES = 65_536
#: What a client that finds the queue full is asked to wait: by then, half of the queue is served.
RETRY_AFTER_SECONDS = 5

_HEALTH_REQUEST = f"GET {HEALTH_PATH} ".encode()
_END_OF_HEADERS = b"\r\n\r\n"
_BUSY_RESPONSE = (
    f"HTTP/1.1 {HTTPStatus.SERVICE_UNAVAILABLE.value} {HTTPStatus.SERVICE_UNAVAILABLE.phrase}\r\n"
    f"Retry-After: {RETRY_AFTER_SECONDS}\r\n"
    "Connection: close\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
).encode()


class Waiting(Protocol):
    """A connection in the queue."""

    @property
    def address(self) -> str:
        """The client's address; empty: nobody knows it."""

    @property
    def is_one_too_many(self) -> bool:
        """Whether few file descriptors are left after this connection's."""

    def admit(self) -> None:
        """Start the handshake."""

    def reject(self) -> None:
        """Refuse the connection at once, without a handshake."""


class AdmissionQueue:
    """First in, first out; rejects connections when it is full or closed, or few file descriptors are left."""

    def __init__(self, *, limit: int, on_refused: Callable[[str, str], None]) -> None:
        """`limit` is how many connections may wait; `on_refused` is called with the reason and the client's address."""
        self._limit = limit
        self._on_refused = on_refused
        self._descriptors = Descriptors()
        self._waiting: OrderedDict[Waiting, None] = OrderedDict()
        self._is_scheduled = False
        self._is_closed = False

    def join(self, connection: Waiting) -> None:
        """Queue a connection, or reject it."""
        if self._is_closed:
            connection.reject()
            return
        if connection.is_one_too_many:
            self.refuse_for_want_of_descriptors(connection)
            return
        if len(self._waiting) >= self._limit:
            self._on_refused(QUEUE_FULL, connection.address)
            connection.reject()
            return
        self._waiting[connection] = None
        if not self._is_scheduled:
            self._schedule()

    def refuse_for_want_of_descriptors(self, connection: Waiting) -> None:
        """Reject a connection, and tell operators."""
        self._on_refused(FILE_DESCRIPTORS, connection.address)
        self._descriptors.note_refused()
        connection.reject()

    def leave(self, connection: Waiting) -> None:
        """Remove a connection that ended while it waited."""
        self._waiting.pop(connection, None)

    def close(self) -> None:
        """Reject all connections that wait, and all that come later."""
        self._is_closed = True
        while self._waiting:
            self._next().reject()

    def _schedule(self) -> None:
        self._is_scheduled = True
        asyncio.get_running_loop().call_soon(self._admit_some)

    def _admit_some(self) -> None:
        self._is_scheduled = False
        for _ in range(min(ADMISSIONS_PER_ITERATION, len(self._waiting))):
            self._next().admit()
        if self._waiting:
            self._schedule()

    def _next(self) -> Waiting:
        connection, _ = self._waiting.popitem(last=False)
        return connection


@dataclass(slots=True)
class _PendingRequest:
    """What is kept of a connection until it is admitted."""

    transport: asyncio.Transport
    #: Ends the connection if the request does not arrive in time.
    timeout: asyncio.TimerHandle
    #: Whether few file descriptors are left after its own.
    is_one_too_many: bool
    data: bytes = b""
    #: Whether the whole request has arrived.
    is_complete: bool = False


class QueuedConnection(PingedConnection):
    """Waits in the queue once its request has arrived, and is a normal connection from admission on.

    In `connection_made` the library starts a task for the connection, and in `data_received` it parses what arrives.
    That is too much work for thousands of connections at once. So these methods of `asyncio.Protocol` are overridden
    here: they call the library only from admission on. Health checks are admitted at once. After admission each arrival
    of data is timed here, before the library parses it.
    """

    __slots__ = ("_arrival_time", "_pending", "_queue", "arrived_at")

    def __init__(
        self,
        queue: AdmissionQueue,
        arrival_time: Callable[[], datetime],
        protocol: ServerProtocol,
        server: Server,
        **options: Any,  # noqa: ANN401 - the library's
    ) -> None:
        """Take a queue and a clock in addition to what the library passes."""
        super().__init__(protocol, server, **options)
        self._queue = queue
        self._arrival_time = arrival_time
        #: When data arrived last.
        self.arrived_at = datetime.now(UTC)
        #: None from admission on.
        self._pending: _PendingRequest | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the request."""
        # uvloop's transports have all of the methods, but do not inherit from asyncio's classes.
        connected = cast(asyncio.Transport, transport)
        left = Descriptors.left(connected.get_extra_info("socket").fileno())
        timeout = self.loop.call_later(REQUEST_TIMEOUT_SECONDS, connected.abort)
        self._pending = _PendingRequest(connected, timeout, is_one_too_many=left < RESERVE)
        if left < LAST:
            self._queue.refuse_for_want_of_descriptors(self)

    def data_received(self, data: bytes) -> None:
        """Join the queue when the request is complete; afterwards note the time."""
        pending = self._pending
        if pending is None:
            self.arrived_at = self._arrival_time()
            super().data_received(data)
            return
        pending.data += data
        if len(pending.data) > MAX_REQUEST_BYTES:
            pending.transport.abort()
        elif not pending.is_complete and _END_OF_HEADERS in pending.data:
            pending.is_complete = True
            pending.timeout.cancel()
            if pending.data.startswith(_HEALTH_REQUEST):
                self.admit()
            else:
                self._queue.join(self)

    def eof_received(self) -> None:
        """Let the event loop close the connection if it still waits."""
        if self._pending is None:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the queue."""
        if self._pending is None:
            super().connection_lost(exc)
        else:
            self._pending.timeout.cancel()
            self._queue.leave(self)

    @property
    def address(self) -> str:
        """The client's address, as the request that waits states it."""
        return address_in(self._pending.data) if self._pending is not None else ""

    @property
    def is_one_too_many(self) -> bool:
        """Whether few file descriptors are left after this connection's."""
        return self._pending is not None and self._pending.is_one_too_many

    def admit(self) -> None:
        """Start the handshake with what has arrived so far."""
        pending, self._pending = self._pending, None
        if pending is not None:
            end_of_request = pending.data.index(_END_OF_HEADERS) + len(_END_OF_HEADERS)
            self.start(pending.transport, pending.data, end_of_request)

    def reject(self) -> None:
        """Answer 503 without a handshake."""
        if self._pending is not None:
            self._pending.transport.write(_BUSY_RESPONSE)
            self._pending.transport.close()

"""A whiteboard page at a presence socket: a real WebSocket client."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from gateway.presence_socket.client_addresses import CLIENT_ADDRESS_HEADER

SUBPROTOCOL = "astegni.presence.v1"
#: Generous: it only limits how long a test waits for something that never comes.
MAX_WAIT_SECONDS = 60


class Page:
    """A page's socket. The library answers pings, as browsers do."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            content: dict[str, Any] = json.loads(await self.connection.recv())
        return content

    async def receive_type(self, kind: str) -> dict[str, Any]:
        """Return the next message of a type, and ignore others."""
        while (message := await self.receive())["type"] != kind:
            pass
        return message

    async def wait_for_ack(self, activities: int) -> None:
        """Return when this many activity messages are acknowledged."""
        while (await self.receive_type("ack"))["activities"] < activities:
            pass

    async def send_activity(self, activity_type: str) -> None:
        """Send an activity message."""
        await self.connection.send(json.dumps({"type": "activity", "activity_type": activity_type}))

    async def wait_until_read(self) -> None:
        """Return when the presence socket has read every message that was sent: it answers in order."""
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            await (await self.connection.ping())

    async def wait_closed(self) -> tuple[int | None, str | None]:
        """Read until the socket is closed; return the close code and reason."""
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed:
                return self.connection.close_code, self.connection.close_reason

    def reset(self) -> None:
        """End the connection without a close frame, as a killed browser does."""
        self.connection.transport.abort()

    def stop_reading(self) -> None:
        """Read neither messages nor pings."""
        self.connection.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self.connection.transport.resume_reading()


@asynccontextmanager
async def open_socket(
    port: int,
    path: str,
    *subprotocols: str,
    origin: str | None = None,
    host: str = "127.0.0.1",
    client_address: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Page]:
    """Open a socket, and close it at the end of the block. `client_address` is what a gateway would report."""
    async with connect(
        f"{'wss' if tls else 'ws'}://{host}:{port}{path}",
        ssl=tls,
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        origin=Origin(origin) if origin else None,
        additional_headers={CLIENT_ADDRESS_HEADER: client_address} if client_address else None,
        compression=None,
        ping_interval=None,
        proxy=None,
        open_timeout=MAX_WAIT_SECONDS,
    ) as connection:
        yield Page(connection)


@asynccontextmanager
async def open_page(
    port: int, session_id: int, token: str, *, user_type: str = "", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Page]:
    """Open the presence socket of a whiteboard session with a token."""
    query = f"?user_type={user_type}" if user_type else ""
    path = f"/ws/whiteboard/{session_id}{query}"
    async with open_socket(port, path, SUBPROTOCOL, f"bearer.{token}", tls=tls) as page:
        yield page


@asynccontextmanager
async def connected_page(
    port: int, session_id: int, token: str, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Page]:
    """Open a presence socket and wait until its user is present."""
    async with open_page(port, session_id, token, tls=tls) as page:
        await page.receive_type("connected")
        yield page

"""A page at a presence socket: a real WebSocket client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

SUBPROTOCOL = "astegni.presence.v1"
#: Generous: it bounds how long something that never comes is waited for, nothing else.
MAX_WAIT_SECONDS = 60


class Page:
    """What a page does with its socket. Pings are answered by themselves, as in browsers."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def message(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            content: dict[str, Any] = json.loads(await self.connection.recv())
        return content

    async def heard(self, kind: str) -> dict[str, Any]:
        """Return the next message of a type, passing over others."""
        while (message := await self.message())["type"] != kind:
            pass
        return message

    async def acknowledged(self, activities: int) -> None:
        """Return when so many activity messages are acknowledged."""
        while (await self.heard("ack"))["activities"] < activities:
            pass

    async def do(self, activity_type: str) -> None:
        """Tell what the user does."""
        await self.connection.send(json.dumps({"type": "activity", "activity_type": activity_type}))

    async def closed(self) -> tuple[int | None, str | None]:
        """Wait for the end, reading what comes before it; return its code and reason."""
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed:
                return self.connection.close_code, self.connection.close_reason

    def reset(self) -> None:
        """End the connection without a word, as a killed browser does."""
        self.connection.transport.abort()

    def stop_reading(self) -> None:
        """Read nothing more: neither messages nor pings."""
        self.connection.transport.pause_reading()

    def read_on(self) -> None:
        """Read again."""
        self.connection.transport.resume_reading()


@asynccontextmanager
async def opened(
    port: int, path: str, *subprotocols: str, origin: str | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Page]:
    """Open a socket and close it at the end."""
    async with connect(
        f"ws://{host}:{port}{path}",
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        origin=Origin(origin) if origin else None,
        compression=None,
        ping_interval=None,
        proxy=None,
        open_timeout=MAX_WAIT_SECONDS,
    ) as connection:
        yield Page(connection)


@asynccontextmanager
async def page_of(port: int, session_id: int, token: str, *, user_type: str = "") -> AsyncIterator[Page]:
    """Open a socket of a whiteboard session with a token."""
    query = f"?user_type={user_type}" if user_type else ""
    async with opened(port, f"/ws/whiteboard/{session_id}{query}", SUBPROTOCOL, f"bearer.{token}") as page:
        yield page


@asynccontextmanager
async def present(port: int, session_id: int, token: str) -> AsyncIterator[Page]:
    """Open a socket and wait until it is connected."""
    async with page_of(port, session_id, token) as page:
        await page.heard("connected")
        yield page

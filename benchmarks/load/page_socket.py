"""A page's WebSocket that costs as little as possible: it answers pings and reads the server's messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from enum import IntEnum
from typing import Any, cast

_FINAL = 0x80
_MASKED = 0x80
_OPCODE_BITS = 0x0F
_LENGTH_BITS = 0x7F
#: The length follows in two more bytes; no message to a page needs the longer form.
_TWO_BYTE_LENGTH = 126
_SHORT_HEADER_BYTES = 2
_LONG_HEADER_BYTES = 4
#: A close frame's payload starts with the code; the reason follows.
_CODE_BYTES = 2
#: A mask of zeros leaves the payload unchanged.
_MASK = bytes(4)
_END_OF_HEADERS = b"\r\n\r\n"
_SWITCHING_PROTOCOLS = b"101"


class Opcode(IntEnum):
    """The opcodes of RFC 6455 that are used here."""

    TEXT = 1
    CLOSE = 8
    PING = 9
    PONG = 10


def handshake(host: str, session: int, token: str) -> bytes:
    """Return the request that opens a socket."""
    lines = (
        f"GET /ws/whiteboard/{session} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Sec-WebSocket-Protocol: astegni.presence.v1, bearer.{token}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


class PageSocket(asyncio.Protocol):
    """One connection, from its request to its end."""

    def __init__(self, request: bytes, on_connected: Callable[[], None]) -> None:
        """`on_connected` is called when the server reports that the connect is committed."""
        self._request = request
        self._on_connected = on_connected
        self._received = b""
        self._is_open = False
        self._transport: asyncio.Transport | None = None
        self.pings = 0
        #: The pause that the server asked for before it closed the socket.
        self.reconnect_after_seconds: float | None = None
        #: Done at the end of the socket; says how it ended.
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._end = "cut off before an answer"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        # uvloop's transport has all of the methods, but is no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Process complete frames."""
        self._received += data
        if not self._is_open and not self._read_handshake_response():
            return
        while (frame := self._next_frame()) is not None:
            self._process(*frame)

    def connection_lost(self, error: Exception | None) -> None:
        """Report the end."""
        del error
        if not self.ended.done():
            self.ended.set_result(self._end)

    def close(self) -> None:
        """Send a close frame."""
        self._send(Opcode.CLOSE, b"\x03\xe8")

    def _read_handshake_response(self) -> bool:
        headers, end, rest = self._received.partition(_END_OF_HEADERS)
        if not end:
            return False
        status = headers.split(b" ", 2)[1]
        if status != _SWITCHING_PROTOCOLS:
            self._end = f"refused with {status.decode()}"
            self._close_connection()
            return False
        self._received, self._is_open, self._end = rest, True, "cut off without a close frame"
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        received = self._received
        header = _SHORT_HEADER_BYTES
        if len(received) < header:
            return None
        length = received[1] & _LENGTH_BITS
        if length == _TWO_BYTE_LENGTH:
            header = _LONG_HEADER_BYTES
            length = int.from_bytes(received[_SHORT_HEADER_BYTES:header], "big")
        if len(received) < header + length:
            return None
        self._received = received[header + length :]
        return received[0] & _OPCODE_BITS, received[header : header + length]

    def _process(self, opcode: int, payload: bytes) -> None:
        if opcode == Opcode.PING:
            self.pings += 1
            self._send(Opcode.PONG, payload)
        elif opcode == Opcode.TEXT:
            self._process_message(json.loads(payload))
        elif opcode == Opcode.CLOSE:
            self._end = f"closed with {int.from_bytes(payload[:_CODE_BYTES], 'big')}"
            self._send(Opcode.CLOSE, payload)
            self._close_connection()

    def _process_message(self, message: dict[str, Any]) -> None:
        if message["type"] == "connected":
            self._on_connected()
        elif message["type"] == "draining":
            self.reconnect_after_seconds = message["reconnect_after_seconds"]

    def _send(self, opcode: Opcode, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(bytes((_FINAL | opcode, _MASKED | len(payload))) + _MASK + payload)

    def _close_connection(self) -> None:
        if self._transport is not None:
            self._transport.close()

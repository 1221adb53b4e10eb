"""One gRPC stream on a connection of its own, which costs the sender as little as possible."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from benchmarks.load import http2

#: After this many bytes read, the peer's window is enlarged again.
_WINDOW_UPDATE_BYTES = http2.DEFAULT_WINDOW_BYTES // 2


class StreamEnded(RuntimeError):
    """The server ended the stream, or its connection."""


def call_headers(address: str, method: str, **others: str) -> dict[str, str]:
    """Return the headers that start a call of a method, such as `/package.Service/Method`."""
    return {
        ":method": "POST",
        ":scheme": "http",
        ":path": method,
        ":authority": address,
        "content-type": "application/grpc",
        "te": "trailers",
        **others,
    }


class GrpcConnection(asyncio.Protocol):
    """The client's side of the stream; calls back for every message and at the end."""

    def __init__(
        self, headers: dict[str, str], on_message: Callable[[bytes], None], on_end: Callable[[], None]
    ) -> None:
        """`headers` are those of the call; `on_end` is called once, however the stream ends."""
        self._headers = headers
        self._on_message = on_message
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._frames = bytearray()
        self._messages = bytearray()
        self._waiting: deque[bytes] = deque()
        #: Bytes that the peer still accepts, on the connection and on the stream.
        self._windows = {http2.CONNECTION: http2.DEFAULT_WINDOW_BYTES, http2.STREAM: http2.DEFAULT_WINDOW_BYTES}
        self._initial_window = http2.DEFAULT_WINDOW_BYTES
        self._read_bytes = 0
        self.is_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the call."""
        self._transport = cast("asyncio.Transport", transport)
        begin = http2.frame(http2.SETTINGS, 0, http2.CONNECTION)
        self._transport.write(http2.PREFACE + begin + http2.headers(self._headers))

    def data_received(self, data: bytes) -> None:
        """Process complete frames."""
        self._frames += data
        for received in http2.frames(self._frames):
            self._process(received)
        self._send_waiting()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the cause does not matter
        """Report the end."""
        self._end()

    def send(self, message: bytes) -> None:
        """Send a message as soon as the peer accepts it; messages of one turn of the loop are written together."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send_waiting)
        self._waiting.append(message)

    def half_close(self) -> None:
        """End the sending side of the stream."""
        self._write(http2.frame(http2.DATA, http2.END_STREAM, http2.STREAM))

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _process(self, received: http2.Received) -> None:
        kind, flags, stream, payload = received
        if kind == http2.DATA:
            self._receive_data(payload)
        elif kind == http2.WINDOW_UPDATE:
            self._windows[stream] += int.from_bytes(payload, "big")
        elif kind == http2.SETTINGS and not flags & http2.ACKNOWLEDGED:
            self._apply_settings(http2.settings(payload))
            self._write(http2.frame(http2.SETTINGS, http2.ACKNOWLEDGED, http2.CONNECTION))
        elif kind == http2.PING and not flags & http2.ACKNOWLEDGED:
            self._write(http2.frame(http2.PING, http2.ACKNOWLEDGED, http2.CONNECTION, payload))
        ends_stream = kind in {http2.DATA, http2.HEADERS} and flags & http2.END_STREAM
        if ends_stream or kind == http2.RESET or (kind == http2.GO_AWAY and not http2.goes_on(payload)):
            self._end()

    def _receive_data(self, payload: bytes) -> None:
        self._messages += payload
        for message in http2.messages(self._messages):
            self._on_message(message)
        self._read_bytes += len(payload)
        if self._read_bytes >= _WINDOW_UPDATE_BYTES:
            increment = self._read_bytes.to_bytes(4, "big")
            for stream in self._windows:
                self._write(http2.frame(http2.WINDOW_UPDATE, 0, stream, increment))
            self._read_bytes = 0

    def _apply_settings(self, settings: dict[int, int]) -> None:
        window = settings.get(http2.INITIAL_WINDOW_SIZE, self._initial_window)
        self._windows[http2.STREAM] += window - self._initial_window
        self._initial_window = window

    def _send_waiting(self) -> None:
        room = unused = min(self._windows.values())
        parts = []
        while self._waiting and (size := http2.carried_bytes(self._waiting[0])) <= unused:
            parts.append(http2.message_frames(self._waiting.popleft()))
            unused -= size
        if parts:
            self._write(b"".join(parts))
            for stream in self._windows:
                self._windows[stream] -= room - unused

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _end(self) -> None:
        if not self.is_ended:
            self.is_ended = True
            self._on_end()

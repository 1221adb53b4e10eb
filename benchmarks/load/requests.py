"""REST heartbeats over kept connections: one request after the other on each."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import cycle
from typing import cast

_HEAD_END = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b" 200 "
_STATUS_LINE_BYTES = 20


def heartbeat(host: str, session: int, bearer: str) -> bytes:
    """Return a tutor's heartbeat as it goes over the wire."""
    body = json.dumps({"session_id": session, "user_type": "tutor", "activity_type": "heartbeat"}).encode()
    head = (
        f"POST /api/whiteboard/sessions/{session}/heartbeat HTTP/1.1\r\nhost: {host}\r\n"
        f"authorization: Bearer {bearer}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class RequestRefused(RuntimeError):
    """The server did not answer with 200, or not in a way this client understands."""


class KeptConnection(asyncio.Protocol):
    """Sends its requests in turns until the deadline."""

    def __init__(self, requests: list[bytes], deadline: float) -> None:
        """`deadline` is on the event loop's clock."""
        self._requests: Iterator[bytes] = cycle(requests)
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._sent_at = 0.0
        #: Seconds, per request.
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take the answer, and send the next request."""
        self._received += data
        if not self._is_complete():
            return
        if _OK not in self._received[:_STATUS_LINE_BYTES]:
            self._end(RequestRefused(self._received.decode(errors="replace")))
            return
        self._received = b""
        self.latencies.append(self._loop.time() - self._sent_at)
        if self._loop.time() < self._deadline:
            self._send()
        else:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail if an answer is still to come."""
        if not self.done.done():
            self.done.set_exception(exc or RequestRefused("the server closed the connection"))

    def _is_complete(self) -> bool:
        head, end, body = self._received.partition(_HEAD_END)
        if not end:
            return False
        length = _CONTENT_LENGTH.search(head)
        if length is None:
            self._end(RequestRefused("the answer has no content-length"))
            return False
        return len(body) >= int(length[1])

    def _send(self) -> None:
        self._sent_at = self._loop.time()
        if self._transport is not None:
            self._transport.write(next(self._requests))

    def _end(self, error: RequestRefused | None) -> None:
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
        if self._transport is not None:
            self._transport.close()

"""A load process of REST heartbeats over kept connections, one request in flight on each."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import cast

import uvloop

from benchmarks.child_process import answer, read_request
from benchmarks.load.messages import Delivered, Message, Ready, Run, percentile, user_id
from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock

_HOST = "127.0.0.1"
_TOKEN_LIFETIME = timedelta(hours=12)
_MILLISECONDS_PER_SECOND = 1_000
_HEADERS_END = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b" 200 "
_STATUS_LINE_BYTES = 20


class RestPlan(Message):
    """Where to send requests, and how many at once. Answered with Ready."""

    port: int
    secret: str
    #: The tutors of the sessions 1 to n send heartbeats in turns.
    sessions: int
    in_flight: int


class RequestRefused(RuntimeError):
    """The server did not answer with 200, or not in a way that this client understands."""


class KeptConnection(asyncio.Protocol):
    """Sends its requests one after the other, again and again, until the deadline."""

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
        """Once the answer is complete, send the next request."""
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
        """Fail if an answer is still missing."""
        if not self.done.done():
            self.done.set_exception(exc or RequestRefused("the server closed the connection"))

    def _is_complete(self) -> bool:
        headers, end, body = self._received.partition(_HEADERS_END)
        if not end:
            return False
        length = _CONTENT_LENGTH.search(headers)
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


def prepare_requests(plan: RestPlan) -> list[bytes]:
    """Return a heartbeat of every tutor, each with a token of its own."""
    clock = SystemClock()
    return [
        _heartbeat(
            f"{_HOST}:{plan.port}",
            session,
            issue_token(
                plan.secret,
                subject=str(user_id(session, "tutor")),
                role="tutor",
                clock=clock,
                lifetime=_TOKEN_LIFETIME,
            ),
        )
        for session in range(1, plan.sessions + 1)
    ]


def _heartbeat(host: str, session: int, bearer: str) -> bytes:
    body = json.dumps({"session_id": session, "user_type": "tutor", "activity_type": "heartbeat"}).encode()
    headers = (
        f"POST /api/whiteboard/sessions/{session}/heartbeat HTTP/1.1\r\nhost: {host}\r\n"
        f"authorization: Bearer {bearer}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return headers.encode() + body


async def send_requests(plan: RestPlan, requests: list[bytes], seconds: float) -> Delivered:
    """Send requests on all connections until the time is over."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    deadline = started + seconds

    async def use_connection(index: int) -> KeptConnection:
        own = requests[index :: plan.in_flight]
        _, connection = await loop.create_connection(lambda: KeptConnection(own, deadline), _HOST, plan.port)
        await connection.done
        return connection

    connections = await asyncio.gather(*(use_connection(index) for index in range(plan.in_flight)))
    latencies = sorted(
        latency * _MILLISECONDS_PER_SECOND for connection in connections for latency in connection.latencies
    )
    return Delivered(
        events=len(latencies),
        seconds=loop.time() - started,
        latency_p50=percentile(latencies, 0.5),
        latency_p99=percentile(latencies, 0.99),
        latency_max=percentile(latencies, 1.0),
    )


async def serve_requests() -> None:
    """Answer requests from standard input until it ends."""
    plan = RestPlan.model_validate_json(await read_request())
    requests = prepare_requests(plan)
    answer(Ready())
    while line := await read_request():
        answer(await send_requests(plan, requests, Run.model_validate_json(line).seconds))


if __name__ == "__main__":
    uvloop.run(serve_requests())

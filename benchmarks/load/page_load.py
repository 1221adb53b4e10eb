"""A load process of pages: presence sockets that open at a given rate, stay idle, and reconnect after a restart."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Annotated

import uvloop
from pydantic import Field, TypeAdapter

from benchmarks.child_process import answer, read_request
from benchmarks.load.messages import Message, Ready, user_id
from benchmarks.load.page_messages import (
    Absences,
    Close,
    GetAbsences,
    Idle,
    Idled,
    Open,
    Opened,
    PagePlan,
    WaitForReconnect,
)
from benchmarks.load.page_socket import PageSocket, handshake
from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock

_HOST = "127.0.0.1"
_TOKEN_LIFETIME = timedelta(hours=12)
_MILLISECONDS_PER_SECOND = 1_000
#: A rate is kept by opening a few sockets this many times per second.
_STEPS_PER_SECOND = 50
#: Between two attempts, where the server did not say how long to wait.
_RETRY_SECONDS = (0.5, 1.5)


_Request = Open | Idle | WaitForReconnect | GetAbsences | Close
_REQUEST = TypeAdapter[_Request](Annotated[_Request, Field(discriminator="kind")])


class Page:
    """Opens a socket, and another when that one ends, until it is closed."""

    def __init__(self, port: int, request: bytes) -> None:
        """Nothing is opened yet."""
        self._port = port
        self._request = request
        self._socket: PageSocket | None = None
        self._pings_before = 0
        self._task: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        self._lost_at: float | None = None
        #: In seconds.
        self.absences: list[float] = []
        #: From the last attempt to `connected`.
        self.seconds_to_connect = 0.0
        #: How sockets ended and attempts failed, one entry each.
        self.ends: list[str] = []

    @property
    def pings(self) -> int:
        """How many pings were answered, on all sockets."""
        return self._pings_before + (self._socket.pings if self._socket else 0)

    def open(self) -> None:
        """Connect, and stay connected from now on."""
        self._task = asyncio.create_task(self._stay_connected())

    async def close(self) -> None:
        """Close the socket and wait for its end."""
        if self._task is not None:
            self._task.cancel()
        if self._socket is not None:
            self._socket.close()
            await self._socket.ended

    async def _stay_connected(self) -> None:
        while True:
            pause = await self._use_socket()
            await asyncio.sleep(random.uniform(*_RETRY_SECONDS) if pause is None else pause)

    async def _use_socket(self) -> float | None:
        """Open a socket and wait for its end; return the pause that the server asked for, if it did."""
        loop = asyncio.get_running_loop()
        started = loop.time()

        def on_connected() -> None:
            self.seconds_to_connect = loop.time() - started
            if self._lost_at is not None:
                self.absences.append(loop.time() - self._lost_at)
                self._lost_at = None
            self.connected.set()

        try:
            _, socket = await loop.create_connection(lambda: PageSocket(self._request, on_connected), _HOST, self._port)
        except OSError as error:
            self.ends.append(f"no connection: {error.strerror}")
            return None
        self._socket = socket
        self.ends.append(await asyncio.shield(socket.ended))
        if self.connected.is_set():
            self._lost_at = loop.time()
        self.connected.clear()
        self._pings_before += socket.pings
        self._socket = None
        return socket.reconnect_after_seconds


class PageLoad:
    """All pages of the process."""

    def __init__(self, plan: PagePlan) -> None:
        """Nothing is opened yet."""
        numbers = range(plan.first, plan.first + plan.pages)
        self._pages = [Page(plan.port, _handshake(plan, number)) for number in numbers]
        self._reported_ends: Counter[str] = Counter()

    async def open(self, per_second: float) -> Opened:
        """Open the sockets at a constant rate."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number, page in enumerate(self._pages):
            if number % max(int(per_second / _STEPS_PER_SECOND), 1) == 0:
                await asyncio.sleep(started + number / per_second - loop.time())
            page.open()
        return await self._all_connected(started, Counter())

    async def idle(self, seconds: float) -> Idled:
        """Only answer pings."""
        pings, ends = self._pings(), self._ends().total()
        await asyncio.sleep(seconds)
        return Idled(pongs=self._pings() - pings, ends=self._ends().total() - ends)

    async def wait_for_reconnect(self) -> Opened:
        """Wait for a restart of the server, and until every page is connected again."""
        started, ends = asyncio.get_running_loop().time(), self._ends()
        expected_ends = [len(page.ends) + 1 for page in self._pages]
        for page, expected in zip(self._pages, expected_ends, strict=True):
            while len(page.ends) < expected:  # noqa: ASYNC110 - thousands of events would cost more than polling
                await asyncio.sleep(1 / _STEPS_PER_SECOND)
        return await self._all_connected(started, ends)

    async def take_absences(self) -> Absences:
        """Wait until every page is connected, report, and begin to count anew."""
        for page in self._pages:
            await page.connected.wait()
        seconds = [absence for page in self._pages for absence in page.absences]
        for page in self._pages:
            page.absences.clear()
        ends = self._ends() - self._reported_ends
        self._reported_ends = self._ends()
        return Absences(seconds=seconds, ends=ends)

    async def close(self) -> Ready:
        """Close every socket."""
        await asyncio.gather(*(page.close() for page in self._pages))
        return Ready()

    async def _all_connected(self, started: float, ends_before: Counter[str]) -> Opened:
        for page in self._pages:
            await page.connected.wait()
        return Opened(
            seconds=asyncio.get_running_loop().time() - started,
            ends=self._ends() - ends_before,
            latencies=[page.seconds_to_connect * _MILLISECONDS_PER_SECOND for page in self._pages],
        )

    def _pings(self) -> int:
        return sum(page.pings for page in self._pages)

    def _ends(self) -> Counter[str]:
        return Counter(end for page in self._pages for end in page.ends)


def _handshake(plan: PagePlan, number: int) -> bytes:
    session, role = number // 2 + 1, ("tutor", "student")[number % 2]
    token = issue_token(
        plan.secret,
        subject=str(user_id(session, role)),
        role=role,
        clock=SystemClock(),
        lifetime=_TOKEN_LIFETIME,
    )
    return handshake(f"{_HOST}:{plan.port}", session, token)


async def serve_requests() -> None:
    """Answer requests from standard input until it ends."""
    load = PageLoad(PagePlan.model_validate_json(await read_request()))
    answer(Ready())
    while line := await read_request():
        answer(await _result(load, line))


async def _result(load: PageLoad, line: str) -> Message:
    match _REQUEST.validate_json(line):
        case Open(per_second=per_second):
            return await load.open(per_second)
        case Idle(seconds=seconds):
            return await load.idle(seconds)
        case WaitForReconnect():
            return await load.wait_for_reconnect()
        case GetAbsences():
            return await load.take_absences()
        case Close():
            return await load.close()


if __name__ == "__main__":
    uvloop.run(serve_requests())

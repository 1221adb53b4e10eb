"""What pages do all the time: calls one after another, and sockets that are opened again whenever they end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from testkit.whiteboard_pages import open_page

#: Between two calls of the same kind.
PAUSE_SECONDS = 0.05
#: Generous: only a call that nobody answers takes longer.
LIMIT_SECONDS = 60.0
#: Before a socket is opened again whose server said nothing of that. The product's client waits about a second.
RECONNECT_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class PageCall:
    """One that is made again and again."""

    method: str
    path: str
    bearer: str
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A call that was not answered with 200."""

    call: PageCall
    status: int
    answer: str


@dataclass(slots=True)
class PageCalls:
    """What became of all calls."""

    made: int = 0
    failures: list[Failure] = field(default_factory=list)
    slowest_seconds: float = 0.0

    @asynccontextmanager
    async def running(self, url: str, calls: Sequence[PageCall]) -> AsyncIterator[None]:
        """Make these calls side by side until the end of the block."""
        async with httpx.AsyncClient(base_url=url, timeout=LIMIT_SECONDS, trust_env=False) as client:
            tasks = [asyncio.create_task(self._repeat(client, call)) for call in calls]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                for ended in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(ended, Exception):
                        raise ended

    async def _repeat(self, client: httpx.AsyncClient, call: PageCall) -> None:
        loop = asyncio.get_running_loop()
        headers = {"authorization": f"Bearer {call.bearer}"}
        while True:
            began = loop.time()
            try:
                answer = await client.request(call.method, call.path, headers=headers, json=call.body)
                status, text = answer.status_code, answer.text
            except httpx.TransportError as error:
                status, text = 0, repr(error)
            self.made += 1
            self.slowest_seconds = max(self.slowest_seconds, loop.time() - began)
            if status != httpx.codes.OK:
                self.failures.append(Failure(call=call, status=status, answer=text))
            await asyncio.sleep(PAUSE_SECONDS)


class StayingPage:
    """A page that opens its socket again whenever that ends, as the product's client does."""

    def __init__(self, port: int, session_id: int, bearer: str) -> None:
        """Nothing is opened yet."""
        self._port = port
        self._session_id = session_id
        self._bearer = bearer
        self._lost_at: float | None = None
        self.connected = asyncio.Event()
        #: How long each interruption lasted, from the end of a socket to the next `connected`.
        self.absences: list[float] = []

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            pause = RECONNECT_SECONDS
            try:
                async with open_page(self._port, self._session_id, self._bearer) as page:
                    while True:
                        message = json.loads(await page.connection.recv())
                        if message["type"] == "connected":
                            self._note_connected()
                        elif message["type"] == "draining":
                            pause = message["reconnect_after_seconds"]
            except (ConnectionClosed, InvalidHandshake, OSError):
                self._note_lost()
            await asyncio.sleep(pause)

    def _note_connected(self) -> None:
        if self._lost_at is not None:
            self.absences.append(asyncio.get_running_loop().time() - self._lost_at)
            self._lost_at = None
        self.connected.set()

    def _note_lost(self) -> None:
        self.connected.clear()
        if self._lost_at is None:
            self._lost_at = asyncio.get_running_loop().time()


@asynccontextmanager
async def staying(pages: Sequence[StayingPage]) -> AsyncIterator[None]:
    """Keep these pages connected for the length of the block, which begins when all are."""
    tasks = [asyncio.create_task(page.run()) for page in pages]
    try:
        await until_connected(pages)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_connected(pages: Sequence[StayingPage]) -> None:
    """Wait until all pages are connected."""
    async with asyncio.timeout(LIMIT_SECONDS):
        for page in pages:
            await page.connected.wait()

"""A load process of pages: so many sockets, opened at a pace, that idle and come back."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from typing import Annotated, Literal

import uvloop
from pydantic import Field, TypeAdapter

from benchmarks.conversation import answer
from benchmarks.load.crowd import percentile
from benchmarks.load.messages import Message, Ready
from benchmarks.load.page import HOST, Page
from benchmarks.load.page_socket import handshake
from benchmarks.load.people import user_id
from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock

_TOKEN_LIFETIME = timedelta(hours=12)
_MILLISECONDS_PER_SECOND = 1_000
#: A pace is kept by opening some sockets, so many times a second.
_STEPS_PER_SECOND = 50


class PagePlan(Message):
    """Where to. Answered with Ready."""

    port: int
    secret: str
    #: A page each of the tutor and the student of the sessions 1 to n.
    pages: int


class Open(Message):
    """Open a socket of every page and wait until all are connected. Answered with Opened."""

    kind: Literal["open"] = "open"
    per_second: float


class Idle(Message):
    """Answer pings for so long. Answered with Idled."""

    kind: Literal["idle"] = "idle"
    seconds: float


class Return(Message):
    """Wait until every socket has ended and is back. Answered with Opened."""

    kind: Literal["return"] = "return"


class Leave(Message):
    """Close every socket. Answered with Ready."""

    kind: Literal["leave"] = "leave"


class Opened(Message):
    """Every page is connected."""

    #: From the beginning to the last `connected`.
    seconds: float
    #: Sockets that ended meanwhile, and attempts that failed: how many in which way.
    ends: dict[str, int]
    #: From a page's last attempt to its `connected`, in milliseconds.
    latency_p50: float
    latency_p99: float


class Idled(Message):
    """What happened meanwhile."""

    pongs: int
    ends: int


_ORDER = TypeAdapter[Open | Idle | Return | Leave](Annotated[Open | Idle | Return | Leave, Field(discriminator="kind")])


class Pages:
    """All pages of the process."""

    def __init__(self, plan: PagePlan) -> None:
        """Nothing is opened yet."""
        self._pages = [Page(plan.port, _request(plan, number)) for number in range(plan.pages)]

    async def open(self, per_second: float) -> Opened:
        """Open sockets at a pace."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, page in enumerate(self._pages):
            if number % max(int(per_second / _STEPS_PER_SECOND), 1) == 0:
                await asyncio.sleep(began + number / per_second - loop.time())
            page.begin()
        return await self._all_connected(began, Counter())

    async def idle(self, seconds: float) -> Idled:
        """Answer pings."""
        pings, ends = self._pings(), self._ends().total()
        await asyncio.sleep(seconds)
        return Idled(pongs=self._pings() - pings, ends=self._ends().total() - ends)

    async def come_back(self) -> Opened:
        """Wait for a restart of the server, and until everybody is back after it."""
        began, ends = asyncio.get_running_loop().time(), self._ends()
        goal = [len(page.ends) + 1 for page in self._pages]
        for page, least in zip(self._pages, goal, strict=True):
            while len(page.ends) < least:  # noqa: ASYNC110 - one event for each of thousands would cost more than it tells
                await asyncio.sleep(1 / _STEPS_PER_SECOND)
        return await self._all_connected(began, ends)

    async def leave(self) -> Ready:
        """Close everything."""
        await asyncio.gather(*(page.leave() for page in self._pages))
        return Ready()

    async def _all_connected(self, began: float, ends_before: Counter[str]) -> Opened:
        for page in self._pages:
            await page.connected.wait()
        latencies = sorted(page.seconds_to_connect * _MILLISECONDS_PER_SECOND for page in self._pages)
        return Opened(
            seconds=asyncio.get_running_loop().time() - began,
            ends=self._ends() - ends_before,
            latency_p50=percentile(latencies, 0.5),
            latency_p99=percentile(latencies, 0.99),
        )

    def _pings(self) -> int:
        return sum(page.pings for page in self._pages)

    def _ends(self) -> Counter[str]:
        return Counter(end for page in self._pages for end in page.ends)


def _request(plan: PagePlan, number: int) -> bytes:
    session, role = number // 2 + 1, ("tutor", "student")[number % 2]
    token = issue_token(
        plan.secret,
        subject=str(user_id(session, role)),
        role=role,
        clock=SystemClock(),
        lifetime=_TOKEN_LIFETIME,
    )
    return handshake(f"{HOST}:{plan.port}", session, token)


async def follow() -> None:
    """Follow orders from standard input until it ends."""
    pages = Pages(PagePlan.model_validate_json(await asyncio.to_thread(sys.stdin.readline)))
    answer(Ready())
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer(await _done(pages, line))


async def _done(pages: Pages, line: str) -> Message:
    match _ORDER.validate_json(line):
        case Open(per_second=per_second):
            return await pages.open(per_second)
        case Idle(seconds=seconds):
            return await pages.idle(seconds)
        case Return():
            return await pages.come_back()
        case Leave():
            return await pages.leave()


if __name__ == "__main__":
    uvloop.run(follow())

"""Calls of pages that are made all the time while processes end, and which of them failed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager

from benchmarks.citus_worker import Server
from benchmarks.load.messages import user_id
from testkit.page_traffic import Failure, PageCall, PageCalls
from testkit.tokens import token

#: What a call reads: a session on this server, or, if None, sessions of all servers.
Where = Server | None


class Calls:
    """All calls, by what they read."""

    def __init__(self, sessions: Mapping[Where, int]) -> None:
        """Call about a session of each server."""
        self._sessions = sessions
        self.made: dict[Where, PageCalls] = {None: PageCalls(), **{where: PageCalls() for where in sessions}}
        self._taken = dict.fromkeys(self.made, 0)

    @contextmanager
    def running(self, url: str) -> Iterator[None]:
        """Make calls until the end of the block."""
        ending = threading.Event()

        async def call() -> None:
            async with AsyncExitStack() as running:
                await running.enter_async_context(self.made[None].running(url, [_report()]))
                for where, session in self._sessions.items():
                    await running.enter_async_context(self.made[where].running(url, _calls_of(session)))
                await asyncio.to_thread(ending.wait)

        with ThreadPoolExecutor(1) as thread:
            calling = thread.submit(asyncio.run, call())
            try:
                yield
            finally:
                ending.set()
            calling.result()

    def take_failures(self) -> dict[Where, list[str]]:
        """Return those that failed since the last time."""
        failures = {where: calls.failures[self._taken[where] :] for where, calls in self.made.items()}
        for where, several in failures.items():
            self._taken[where] += len(several)
        return {where: [_described(failure) for failure in several] for where, several in failures.items()}

    @property
    def count(self) -> int:
        """How many were made."""
        return sum(calls.made for calls in self.made.values())

    @property
    def slowest_seconds(self) -> float:
        """How long the slowest took."""
        return max(calls.slowest_seconds for calls in self.made.values())


def _report() -> PageCall:
    path = "/api/reports/whiteboard-engagement?page_size=1"
    return PageCall(method="GET", path=path, bearer=token(1, "admin"))


def _calls_of(session: int) -> list[PageCall]:
    tutor, whiteboard = token(user_id(session, "tutor"), "tutor"), f"/api/whiteboard/sessions/{session}"
    return [
        PageCall(method="GET", path=f"{whiteboard}/connection-status", bearer=tutor),
        PageCall(method="GET", path="/api/tutor/sessions", bearer=tutor),
        PageCall(method="POST", path=f"{whiteboard}/heartbeat", bearer=tutor, body={"user_type": "tutor"}),
    ]


def _described(failure: Failure) -> str:
    return f"{failure.call.method} {failure.call.path} {failure.status} {_reason(failure)}"


def _reason(failure: Failure) -> str:
    try:
        details = json.loads(failure.answer)["details"]
    except (ValueError, KeyError):
        return failure.answer
    return " ".join(detail["reason"] for detail in details if "reason" in detail)

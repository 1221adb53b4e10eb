"""How long a call waits for storage: callers get an answer before their deadline (docs/streams.md#deadlines)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from servicekit.errors import StorageUnavailable

#: The gateway gives up after 10 s.
MAX_ANSWER_SECONDS = 5.0
#: Share of the caller's deadline; the rest is for rendering and sending the answer, also on a busy machine.
SHARE_OF_DEADLINE = 0.75

_ResultT = TypeVar("_ResultT")


def answer_seconds(deadline_seconds: float | None) -> float:
    """Return how many seconds storage may take if the caller has `deadline_seconds` left (None: no deadline)."""
    if deadline_seconds is None:
        return MAX_ANSWER_SECONDS
    return min(deadline_seconds * SHARE_OF_DEADLINE, MAX_ANSWER_SECONDS)


async def run_query(query: Callable[[], _ResultT], deadline_seconds: float | None) -> _ResultT:
    """Run a blocking query in a thread; StorageUnavailable also if it takes too long for the caller's deadline."""
    return await with_deadline(asyncio.to_thread(query), deadline_seconds)


async def with_deadline(answer: Awaitable[_ResultT], deadline_seconds: float | None) -> _ResultT:
    """Wait for storage; StorageUnavailable if it takes too long for the caller's deadline."""
    try:
        return await asyncio.wait_for(answer, answer_seconds(deadline_seconds))
    except TimeoutError:
        raise StorageUnavailable from None

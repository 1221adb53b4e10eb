"""How long callers are kept waiting for storage: they hear from us before they give up (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from servicekit.errors import StorageUnavailable

#: The gateway gives up after 10 s.
MAX_ANSWER_SECONDS = 5.0
#: Of a caller's own deadline; the rest is for rendering the answer and for the way back, also on a busy machine.
SHARE_OF_DEADLINE = 0.75

_ResultT = TypeVar("_ResultT")


def answer_seconds(deadline_seconds: float | None) -> float:
    """Return how many seconds may pass before a caller who has `deadline_seconds` left is answered."""
    if deadline_seconds is None:
        return MAX_ANSWER_SECONDS
    return min(deadline_seconds * SHARE_OF_DEADLINE, MAX_ANSWER_SECONDS)


async def run_query(look: Callable[[], _ResultT], deadline_seconds: float | None) -> _ResultT:
    """Run a blocking query in a thread; StorageUnavailable also if the database takes longer than the caller waits."""
    return await with_deadline(asyncio.to_thread(look), deadline_seconds)


async def with_deadline(answer: Awaitable[_ResultT], deadline_seconds: float | None) -> _ResultT:
    """Wait for what storage answers; StorageUnavailable if it takes longer than the caller waits."""
    try:
        return await asyncio.wait_for(answer, answer_seconds(deadline_seconds))
    except TimeoutError:
        raise StorageUnavailable from None

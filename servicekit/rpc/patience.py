"""How long callers are kept waiting for storage: they hear from us before they give up (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from servicekit.errors import StorageUnavailable

#: The gateway gives up after 10 s.
PATIENCE_SECONDS = 5.0
#: What rendering the answer and the way back may take of a caller's own deadline.
DEADLINE_MARGIN_SECONDS = 0.25

_ResultT = TypeVar("_ResultT")


def patience(deadline_seconds: float | None) -> float:
    """Return how many seconds may pass before a caller who has `deadline_seconds` left is answered."""
    if deadline_seconds is None:
        return PATIENCE_SECONDS
    return max(min(deadline_seconds - DEADLINE_MARGIN_SECONDS, PATIENCE_SECONDS), 0)


async def looked_up(look: Callable[[], _ResultT], deadline_seconds: float | None) -> _ResultT:
    """Run a blocking query in a thread; StorageUnavailable also if the database takes longer than the caller waits."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(look), patience(deadline_seconds))
    except TimeoutError:
        raise StorageUnavailable from None

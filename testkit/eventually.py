"""Waiting for another process or thread, which can't set an event of the test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

#: Generous: only a condition that never holds takes this long.
MAX_WAIT_SECONDS = 60
POLL_INTERVAL_SECONDS = 0.02


async def eventually(condition: Callable[[], object]) -> None:
    """Return once a condition holds; AssertionError if it never does. The condition may block for a short time."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(POLL_INTERVAL_SECONDS)

"""Waiting for what another process or thread does, which has no event of ours to set."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

#: Generous: it bounds how long something that never comes is waited for, nothing else.
MAX_WAIT_SECONDS = 60
LOOK_SECONDS = 0.02


async def eventually(condition: Callable[[], object]) -> None:
    """Return when a condition holds; AssertionError if it never does. The condition may block for a moment."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "it never came to be so"
        await asyncio.sleep(LOOK_SECONDS)

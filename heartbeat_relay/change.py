"""Waiting for whatever happens next."""

from __future__ import annotations

import asyncio


class Change:
    """Something that happens again and again; whoever waits is told of its next time."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Wake all who wait now."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self) -> None:
        """Return when it happens the next time."""
        await self._next.wait()

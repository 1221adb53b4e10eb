"""Services that run in the test process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from grpc import aio


class App(Protocol):
    """What both services have."""

    @property
    def port(self) -> int: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


_AppT = TypeVar("_AppT", bound=App)


@asynccontextmanager
async def running(app: _AppT) -> AsyncIterator[_AppT]:
    """Start a service, and stop it at the end of the block."""
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


def channel_to(app: App) -> aio.Channel:
    """Return a channel to a running service."""
    return aio.insecure_channel(f"127.0.0.1:{app.port}")

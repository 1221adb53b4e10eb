"""Blocking database work, kept off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from servicekit.rpc.deadlines import with_deadline

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class DatabaseThreads:
    """As many threads as there are database connections: no thread ever waits for one."""

    def __init__(self, count: int) -> None:
        """Threads start when they are needed."""
        self._executor = ThreadPoolExecutor(max_workers=count, thread_name_prefix="database")

    async def run(
        self, function: Callable[_Parameters, _Result], *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> _Result:
        """Return what the function returns, or raise what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))

    async def look(
        self, function: Callable[_Parameters, _Result], *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> _Result:
        """Return what a function that only reads returns; StorageUnavailable also where callers would stop waiting.

        Not for what writes (whether it was written would stay unknown), nor for reports on everything.
        """
        return await with_deadline(self.run(function, *args, **kwargs), None)

    def close(self) -> None:
        """Wait for what runs and end the threads."""
        self._executor.shutdown(wait=True)

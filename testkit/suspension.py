"""Processes that stand still for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

#: Between two checks of whether a process has stopped; that takes less than a millisecond.
_POLL_SECONDS = 0.001


@contextmanager
def suspended(pid: int) -> Iterator[None]:
    """SIGSTOP, and SIGCONT at the end of the block: in the block the process does nothing."""
    process = psutil.Process(pid)
    process.suspend()
    try:
        while process.status() != psutil.STATUS_STOPPED:
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        process.resume()

"""Logs that the tracking service does not answer: an outage fails many calls a second for the same reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import grpc
from grpc import aio

_log = logging.getLogger(__name__)

#: Failures that end by themselves; operators must see to any other one.
_TEMPORARY = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED}
)
#: Of failures that end by themselves, one line in this time counts all.
SECONDS_BETWEEN_WARNINGS = 60.0
_MESSAGE = "the tracking service returned no facts"


class FailureLog:
    """Writes one line for many failures that end by themselves, and one for each other failure."""

    def __init__(self, now: Callable[[], float] = time.monotonic, *, count: Callable[[], None] = lambda: None) -> None:
        """`now` returns seconds; `count` is called for each failure."""
        self._now = now
        self._count = count
        self._failures = 0
        self._quiet_until = now()

    def add(self, error: aio.AioRpcError, **about: int) -> None:
        """Log a failure, now or with those that follow."""
        self._count()
        extra = {"code": error.code().name, "details": error.details(), **about}
        if error.code() not in _TEMPORARY:
            _log.error(_MESSAGE, extra=extra)
            return
        self._failures += 1
        if self._now() >= self._quiet_until:
            _log.warning(_MESSAGE, extra={**extra, "failures": self._failures})
            self._failures = 0
            self._quiet_until = self._now() + SECONDS_BETWEEN_WARNINGS

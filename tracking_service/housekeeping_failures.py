"""Logs that housekeeping fails: in an outage several works fail each second, all for the same reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from servicekit.errors import StorageConflict, StorageUnavailable

_log = logging.getLogger(__name__)

#: After the first line, one in this time counts all failures.
SECONDS_BETWEEN_WARNINGS: Final = 60.0


class HousekeepingFailures:
    """Writes a line for the first failure, one a minute for those that follow, and one when all works succeed again."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` returns seconds."""
        self._now = now
        #: Works that failed last time.
        self._failing: set[str] = set()
        self._failures = 0
        self._quiet_until = now()

    def failed(self, work: str, error: Exception) -> None:
        """Log it, now or with those that follow; with a traceback if it does not end by itself."""
        is_first = work not in self._failing
        self._failing.add(work)
        self._failures += 1
        is_fault = not isinstance(error, StorageConflict | StorageUnavailable)
        # A fault must not be hidden by an outage, nor by a fault of another work.
        if self._now() < self._quiet_until and not (is_fault and is_first):
            return
        extra = {"work": work, "failures": self._failures}
        if is_fault:
            _log.error("housekeeping failed", extra=extra, exc_info=error)
        else:
            _log.warning(_message(error), extra=extra)
        self._failures = 0
        self._quiet_until = self._now() + SECONDS_BETWEEN_WARNINGS

    def succeeded(self, work: str) -> None:
        """Log that all works succeed again, if one had failed."""
        if work not in self._failing:
            return
        self._failing.discard(work)
        if not self._failing:
            _log.warning("housekeeping succeeds again", extra={"failures": self._failures})
            self._failures = 0
            self._quiet_until = self._now()


def _message(error: Exception) -> str:
    return "another transaction was in the way" if isinstance(error, StorageConflict) else "storage is unavailable"

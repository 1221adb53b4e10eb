"""Notices that the event loop stood still: the process was stopped, the machine suspended, or the loop blocked.

Two clocks are read. One counts the time since the machine booted, suspension included, and is never set. The other is
the clock that events are stamped with: if it is set forward, it skips times in which nothing was observed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

CHECK_INTERVAL_SECONDS = 0.5
#: Shorter standstills are no observation gaps: presence lasts over longer silences.
MAX_STANDSTILL_SECONDS = 6.0
#: If the presence timeout is short, a quarter of it matters already, but not less than a busy machine takes.
PRESENCE_TIMEOUT_SHARE = 4
MIN_STANDSTILL_SECONDS = 1.5
#: After a standstill, the loop reads what arrived meanwhile within this many iterations.
ITERATIONS_TO_CATCH_UP = 3
#: What is read before a standstill has an earlier time than what is read after it, by a millisecond.
SEPARATION = 1_000_000
_NANOSECONDS_PER_SECOND = 1_000_000_000

#: Both clocks, in nanoseconds: since the boot, and since the Unix epoch. A plain tuple, because each arrival makes two.
_Reading: TypeAlias = tuple[int, int]
#: Gets the start and the end, in nanoseconds since the Unix epoch.
OnStandstill = Callable[[int, int], None]


class StandstillWatch:
    """Checks regularly that the event loop runs."""

    def __init__(self, presence_timeout: Callable[[], timedelta], on_standstill: OnStandstill) -> None:
        """`on_standstill` is called in the event loop when it runs again."""
        self._presence_timeout = presence_timeout
        self._on_standstill = on_standstill
        #: None before the first check.
        self._checked: _Reading | None = None
        #: The longest standstill that is no observation gap, in nanoseconds. Each check renews it.
        self._limit = 0.0

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            self._checked = _read_clocks()
            self._limit = max_standstill_seconds(self._presence_timeout().total_seconds()) * _NANOSECONDS_PER_SECOND
            await asyncio.sleep(CHECK_INTERVAL_SECONDS)
            started_at = self._standstill_start(_read_clocks())
            if started_at is not None:
                for _ in range(ITERATIONS_TO_CATCH_UP):
                    await asyncio.sleep(0)
                _, ended_at = _read_clocks()
                self._on_standstill(started_at, ended_at)

    def arrival_time(self) -> int:
        """Return the earliest time at which what is read now can have arrived, in nanoseconds since the Unix epoch.

        That is now, or the start of a standstill that has just ended.
        """
        now = _read_clocks()
        started_at = self._standstill_start(now)
        if started_at is not None:
            return started_at
        since_boot, since_epoch = now
        if self._checked is not None:
            self._checked = (since_boot + SEPARATION, since_epoch + SEPARATION)
        return since_epoch

    def _standstill_start(self, now: _Reading) -> int | None:
        """Return when the standstill began that the last check and `now` enclose; None if they enclose none."""
        if self._checked is None:
            return None
        (boot_before, epoch_before), (since_boot, since_epoch) = self._checked, now
        elapsed, skipped = since_boot - boot_before, since_epoch - epoch_before
        if elapsed <= self._limit and skipped <= self._limit:
            return None
        # If the clock was set back meanwhile, the standstill lies before now by that clock.
        return min(epoch_before, since_epoch - elapsed)


def max_standstill_seconds(presence_timeout_seconds: float) -> float:
    """Return the longest standstill that is no observation gap."""
    share = presence_timeout_seconds / PRESENCE_TIMEOUT_SHARE
    return min(max(share, MIN_STANDSTILL_SECONDS), MAX_STANDSTILL_SECONDS)


def _read_clocks() -> _Reading:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.time_ns()

"""File descriptors that are left for what must go on when there are more pages than a process may have.

At the limit nothing is accepted, and nothing says so: no page, no health check, no scrape, and no new connection to the
tracking service. So pages are refused before, and those who are connected stay.
"""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable
from typing import Final

_log = logging.getLogger(__name__)

#: From here on handshakes are refused. A rush is accepted 32 at a time before the first of it is read.
RESERVE: Final = 64
#: From here on connections are closed unread, health checks as well: this many are for scrapes, for connections to the
#: tracking service, and for files that are read again.
LAST: Final = 16
LOG_INTERVAL_SECONDS: Final = 60.0


class Descriptors:
    """How many are left, and who is told that there are few."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing was logged yet."""
        self._clock = clock
        self._log_at = clock()

    @staticmethod
    def left(newest: int) -> int:
        """Return how many may be opened after the newest: the kernel gives the lowest number that is free.

        The limit is asked for each time, because it can be raised while the process runs.
        """
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return limit - 1 - newest

    def note_refused(self) -> None:
        """Log that a page was refused for want of descriptors, once a minute at most."""
        now = self._clock()
        if now < self._log_at:
            return
        self._log_at = now + LOG_INTERVAL_SECONDS
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        _log.error(
            "sockets are refused: few of %d file descriptors are left; raise the limit of open files (ulimit -n), or "
            "run more processes (docs/runbooks/FileDescriptorsRunOut.md)",
            limit,
        )

"""Waits until the running services have folded what is in the journal, for commands that read or change facts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from sqlalchemy.engine import Connection

from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.folding.reading import ages

#: Each group is folded at least once a minute at any load.
MAX_WAIT_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.25


class JournalNotFolded(Exception):
    """Nothing has folded the journal for too long."""


def wait_until_folded(connection: Connection, groups: Iterable[int] = ALL_GROUPS) -> None:
    """Return once facts are made of everything that was appended before this call for some groups.

    Raises:
        JournalNotFolded: that took too long.
    """
    began = time.monotonic()
    while True:
        waited = time.monotonic() - began
        if max((age.lag_seconds for age in ages(connection, groups)), default=0.0) <= waited:
            return
        if waited > MAX_WAIT_SECONDS:
            raise JournalNotFolded(
                "Events were accepted of which no facts are made yet, and they may be about this person. "
                "Run the tracking service, which makes facts of them within a minute, and try again."
            )
        time.sleep(_POLL_SECONDS)

"""One watcher's place: holds what it is to be told next, however slowly it reads."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from servicekit.auth.principal import Principal
from servicekit.errors import DomainError
from tracking_service.queries.status import SessionStatus

#: Proxies commonly cut what is silent for a minute; three repetitions fit into that.
REPEAT_SECONDS = 15.0


class Watch:
    """The latest state wins: what came and went while the watcher was reading is not told."""

    def __init__(self, principal: Principal, first: SessionStatus, *, repeat_seconds: float = REPEAT_SECONDS) -> None:
        """`first` is to be told at once."""
        self._principal = principal
        self._latest = first
        self._told: SessionStatus | None = None
        self._repeat_seconds = repeat_seconds
        self._ended_by: DomainError | None = None
        self._news = asyncio.Event()
        self._news.set()

    def offer(self, status: SessionStatus) -> None:
        """Take a state in, unless a later one is known already."""
        if status.status.as_of < self._latest.status.as_of:
            return
        self._latest = status
        if self._told is not None and status.status.differs(self._told.status):
            self._news.set()

    def end(self, error: DomainError) -> None:
        """Let the watcher be told this instead of the next state."""
        self._ended_by = self._ended_by or error
        self._news.set()

    async def next(self) -> SessionStatus:
        """Return the state to tell next: at once if it is news, else after the repetition time.

        Raises what ended the watch, or NotYourSession when the watcher no longer takes part.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), self._repeat_seconds)
        if self._ended_by is not None:
            raise self._ended_by
        self._latest.require_sight(self._principal)
        self._news.clear()
        self._told = self._latest
        return self._latest

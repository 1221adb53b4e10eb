"""Who waits for a handshake: first come, first served, so many in each turn of the event loop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Protocol

#: A handshake takes 0.5 ms of the processor: pongs, health and newcomers wait for some milliseconds at most. If all of
#: a storm were let in at once, a turn would take seconds.
ADMISSIONS_PER_TURN = 8
#: As many as a process can serve before their pages give up, after 10 s.
MOST_WAITING = 10_000


class Waiting(Protocol):
    """Somebody who waits."""

    def admit(self) -> None:
        """Begin the handshake."""

    def turn_away(self) -> None:
        """Refuse at once, at little cost."""


class WaitingLine:
    """Lets in at a pace; sends away whom it has no room for."""

    def __init__(self, *, limit: int) -> None:
        """Nobody waits yet."""
        self._limit = limit
        self._waiting: OrderedDict[Waiting, None] = OrderedDict()
        self._is_turning = False
        self._is_closed = False

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def join(self, newcomer: Waiting) -> None:
        """Let somebody wait; they are turned away where too many do already, or where nobody is let in any more."""
        if self._is_closed or len(self._waiting) >= self._limit:
            newcomer.turn_away()
            return
        self._waiting[newcomer] = None
        if not self._is_turning:
            self._turn_soon()

    def leave(self, gone: Waiting) -> None:
        """Forget somebody who waits no longer."""
        self._waiting.pop(gone, None)

    def close(self) -> None:
        """Turn everybody away, from now on also whoever comes."""
        self._is_closed = True
        while self._waiting:
            self._first().turn_away()

    def _turn_soon(self) -> None:
        self._is_turning = True
        asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._is_turning = False
        for _ in range(min(ADMISSIONS_PER_TURN, len(self._waiting))):
            self._first().admit()
        if self._waiting:
            self._turn_soon()

    def _first(self) -> Waiting:
        first, _ = self._waiting.popitem(last=False)
        return first

"""Who is to be told when an event is answered for. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

#: Is called once, in the event loop, when the service has answered for an event: it is committed, or it was refused.
OnAnswered: TypeAlias = Callable[[], None]


class Receipt(NamedTuple):
    """One event, by its place among all events of a stream's outbox, and whom to tell."""

    place: int
    tell: OnAnswered


class Receipts:
    """Those of one stream, which are settled in the order of the events."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: deque[Receipt] = deque()

    def expect(self, place: int, tell: OnAnswered) -> None:
        """Remember whom to tell once `place` events are answered for; places only grow."""
        self._waiting.append(Receipt(place, tell))

    def settle(self, answered: int) -> Iterator[OnAnswered]:
        """Yield, and forget, whom to tell now that so many events are answered for."""
        while self._waiting and self._waiting[0].place <= answered:
            yield self._waiting.popleft().tell

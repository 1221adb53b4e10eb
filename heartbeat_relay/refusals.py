"""What a relay had no room for, as far as it has to be told. No I/O, no clock."""

from __future__ import annotations

from typing import NamedTuple


class Blindness(NamedTuple):
    """A time in which events were lost, in nanoseconds since the Unix epoch."""

    started_at: int
    ended_at: int


class Refusals:
    """Gathers the times of refused events until they are told."""

    def __init__(self) -> None:
        """Nothing was refused yet."""
        self._blindness: Blindness | None = None

    def note(self, nanoseconds: int) -> None:
        """Note that an event of this time was refused."""
        started_at, ended_at = self._blindness or (nanoseconds, nanoseconds)
        self._blindness = Blindness(min(started_at, nanoseconds), max(ended_at, nanoseconds))

    def take(self) -> Blindness | None:
        """Return the time that the refused events span, once; None if there were none."""
        blindness, self._blindness = self._blindness, None
        return blindness

"""How much is measured, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What the command line chose."""

    #: Medians are taken over so many interleaved rounds.
    rounds: int = 5
    #: Of one measurement; None: as long as the case asks for.
    seconds: float | None = None
    #: How many of the people, sessions and streams of a case take part.
    scale: float = 1.0

    def duration(self, own: float) -> float:
        """Return the seconds of one measurement; `own` is what the case asks for."""
        return own if self.seconds is None else self.seconds

    def scaled(self, count: int, *, at_least: int = 1) -> int:
        """Return how many of `count` take part."""
        return max(round(count * self.scale), at_least)


#: Shows that everything works, in a few minutes; the figures mean nothing.
QUICK = Options(rounds=1, seconds=2.0, scale=0.02)

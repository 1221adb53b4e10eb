"""How long to pause before the next attempt."""

from __future__ import annotations

import random

#: Short, for most ends are a restart or a balancer's whim.
FIRST_PAUSE_SECONDS = 0.1
#: Long enough to spare a service that is down, and short beside any presence timeout.
LONGEST_PAUSE_SECONDS = 5.0
#: So that relays that lost the same service do not come back in the same moment.
JITTER = (0.5, 1.5)


class Backoff:
    """Doubles the pause with each failure in a row."""

    def __init__(self) -> None:
        """Begin with the shortest pause."""
        self._pause = FIRST_PAUSE_SECONDS

    def next_pause(self) -> float:
        """Return the seconds to wait now, and make the next pause longer."""
        pause = self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return jittered(pause)

    def reset(self) -> None:
        """Begin anew with the shortest pause, after something went well."""
        self._pause = FIRST_PAUSE_SECONDS


def jittered(seconds: float) -> float:
    """Return a duration spread around the given one."""
    return seconds * random.uniform(*JITTER)  # noqa: S311 - spreads load, keeps no secret

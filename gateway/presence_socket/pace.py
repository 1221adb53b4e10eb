"""How fast a page's messages are read."""

from __future__ import annotations

#: Far above what a page needs that tells of drawing and typing as it happens.
MESSAGES_PER_SECOND = 20
#: So many may come at once after a pause.
BURST = 40


class Pace:
    """A bucket of tokens, one per message."""

    def __init__(self, now: float) -> None:
        """Full. Times are seconds of any clock that only goes forward."""
        self._tokens = float(BURST)
        self._filled_at = now

    def pause(self, now: float) -> float:
        """Count a message; return how many seconds to wait before the next one is read."""
        self._tokens = min(self._tokens + (now - self._filled_at) * MESSAGES_PER_SECOND, BURST) - 1
        self._filled_at = now
        return max(-self._tokens / MESSAGES_PER_SECOND, 0.0)

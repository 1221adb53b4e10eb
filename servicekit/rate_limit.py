"""A token bucket: how often something may happen, with a burst."""

from __future__ import annotations


class TokenBucket:
    """Fills at a rate, up to a burst. All times are seconds of one monotonic clock."""

    __slots__ = ("_burst", "_filled_at", "_rate", "_tokens")

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        """Start full. `rate` is in tokens per second."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at = now

    def take(self, count: float, now: float) -> float:
        """Take so many tokens and return 0, or take none and return after how many seconds there will be enough."""
        self._fill(now)
        missing = min(count, self._burst) - self._tokens
        if missing > 0:
            return missing / self._rate
        self._tokens -= count
        return 0.0

    def is_full(self, now: float) -> bool:
        """Return whether it is as if nothing was ever taken."""
        return self.seconds_until_full(now) <= 0

    def seconds_until_full(self, now: float) -> float:
        """Return after how many seconds it is full if nothing more is taken."""
        self._fill(now)
        return (self._burst - self._tokens) / self._rate

    def _fill(self, now: float) -> None:
        self._tokens = min(self._tokens + (now - self._filled_at) * self._rate, self._burst)
        self._filled_at = now

"""A page's activity messages: which are recorded, how many are settled, and how fast they are read."""

from __future__ import annotations

from collections import deque

#: Far above what a page needs that reports drawing and typing as they happen.
MESSAGES_PER_SECOND = 20
#: This many may arrive at once after a pause.
BURST = 40


class ActivityLog:
    """Counts the activity messages of one socket.

    In each second, the first message of a type is recorded and further ones of that type are merged into it. A message
    is settled when it, or the one it was merged into, is answered by the tracking service.
    """

    def __init__(self) -> None:
        """Start with no messages."""
        self._received = 0
        self._acknowledged = 0
        #: Positions of the recorded messages that are not answered yet.
        self._pending: deque[int] = deque()
        self._second = 0
        self._types: set[str] = set()

    def add(self, activity_type: str, second: int) -> bool:
        """Count a message that arrived in this second; return whether it has to be recorded."""
        self._received += 1
        if second != self._second:
            self._second = second
            self._types.clear()
        if activity_type in self._types:
            return False
        self._types.add(activity_type)
        self._pending.append(self._received)
        return True

    def mark_acknowledged(self) -> None:
        """Mark the oldest recorded message as answered."""
        self._pending.popleft()

    @property
    def settled(self) -> int:
        """How many messages, counted from the first, are settled."""
        return self._pending[0] - 1 if self._pending else self._received

    def next_ack(self) -> int | None:
        """Return the number of settled messages if it has changed since the last call, else None."""
        if self.settled == self._acknowledged:
            return None
        self._acknowledged = self.settled
        return self._acknowledged


class TokenBucket:
    """Limits how fast messages are read; each message takes one token."""

    def __init__(self, now: float) -> None:
        """Start full. `now` and all later times are seconds of one monotonic clock."""
        self._tokens = float(BURST)
        self._filled_at = now

    def delay(self, now: float) -> float:
        """Take a token for a message that was read; return the seconds to wait before the next one is read."""
        self._tokens = min(self._tokens + (now - self._filled_at) * MESSAGES_PER_SECOND, BURST) - 1
        self._filled_at = now
        return max(-self._tokens / MESSAGES_PER_SECOND, 0.0)

"""A page's activity messages: which are recorded, how many are settled, and how many are too many."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

#: A page that reports drawing and typing as they happen sends far less. 100 messages a second cost 1 % of a core.
MESSAGES_PER_SECOND = 100
#: This many may arrive at once, for example from a page that was offline.
BURST = 2_000
#: What is kept for a relay that has no room. More types than any whiteboard has.
MAX_WAITING_TYPES = 32


@dataclass(slots=True)
class Activity:
    """An activity message that is to be recorded."""

    activity_type: str
    at: datetime
    #: Its position among the socket's messages, from 1.
    position: int


class ActivityLog:
    """Counts the activity messages of one socket.

    In each second, the first message of a type is recorded and further ones of that type are merged into it. A message
    is settled when it, or the one it was merged into, is answered by the tracking service.
    """

    def __init__(self) -> None:
        """Start with no messages."""
        self._received = 0
        self._acknowledged = 0
        #: Positions of the recorded messages that are not answered yet, in the order in which they were recorded.
        self._unanswered: deque[int] = deque()
        #: Not recorded yet, by type.
        self._waiting: dict[str, Activity] = {}
        self._second = 0
        self._types: set[str] = set()

    def add(self, activity_type: str, at: datetime) -> bool:
        """Count a message that arrived at a time; return False if too many types wait to be recorded.

        `waiting` then includes the message, unless it was merged into another one.
        """
        self._received += 1
        second = int(at.timestamp())
        if second != self._second:
            self._second = second
            self._types.clear()
        if activity_type in self._waiting or activity_type in self._types:
            return True
        if len(self._waiting) == MAX_WAITING_TYPES:
            return False
        self._types.add(activity_type)
        self._waiting[activity_type] = Activity(activity_type, at, self._received)
        return True

    def waiting(self) -> Iterator[Activity]:
        """Yield the messages that are to be recorded, in the order of their arrival."""
        yield from list(self._waiting.values())

    def mark_recorded(self, activity: Activity) -> None:
        """Mark a waiting message as recorded; the tracking service will answer it."""
        del self._waiting[activity.activity_type]
        self._unanswered.append(activity.position)

    def mark_acknowledged(self) -> None:
        """Mark the oldest recorded message as answered."""
        self._unanswered.popleft()

    @property
    def settled(self) -> int:
        """How many messages, counted from the first, are settled."""
        waiting = (activity.position for activity in self._waiting.values())
        return min((*self._unanswered, *waiting), default=self._received + 1) - 1

    def next_ack(self) -> int | None:
        """Return the number of settled messages if it has changed since the last call, else None."""
        if self.settled == self._acknowledged:
            return None
        self._acknowledged = self.settled
        return self._acknowledged


class TokenBucket:
    """Limits how many messages a page may send; each message takes one token."""

    def __init__(self, now: float) -> None:
        """Start full. `now` and all later times are seconds of one monotonic clock."""
        self._tokens = float(BURST)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Take a token for a message; return False if none is left."""
        self._tokens = min(self._tokens + (now - self._filled_at) * MESSAGES_PER_SECOND, BURST) - 1
        self._filled_at = now
        return self._tokens >= 0

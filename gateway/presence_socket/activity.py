"""Which of a socket's activity messages become events, and how many are settled."""

from __future__ import annotations

from collections import deque


class ActivityCount:
    """Counts one socket's messages. Of the same word, one a second is recorded and the others are folded into it."""

    def __init__(self) -> None:
        """None came yet."""
        self._received = 0
        self._told = 0
        #: Places of the recorded messages that are not answered for yet.
        self._waiting: deque[int] = deque()
        self._second = 0
        self._words: set[str] = set()

    def take(self, word: str, second: int) -> bool:
        """Count a message that came in a second; return whether it is to be recorded."""
        self._received += 1
        if second != self._second:
            self._second = second
            self._words.clear()
        if word in self._words:
            return False
        self._words.add(word)
        self._waiting.append(self._received)
        return True

    def answered(self) -> None:
        """Note that the oldest of the recorded messages is answered for."""
        self._waiting.popleft()

    @property
    def settled(self) -> int:
        """How many messages, from the first, are answered for or folded into one that is or waits before them."""
        return self._waiting[0] - 1 if self._waiting else self._received

    def news(self) -> int | None:
        """Return how many are settled, once per change."""
        if self.settled == self._told:
            return None
        self._told = self.settled
        return self._told

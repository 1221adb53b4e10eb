"""How many sockets one user has open and opens here, so that nobody takes the places of others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.presence_socket.protocol import CloseError, CloseReason
from servicekit.identifiers import UserId
from servicekit.rate_limit import TokenBucket

SECONDS_PER_MINUTE = 60
#: When so many users are known, those are forgotten that have no socket and opened none lately.
MAX_KNOWN = 10_000


class _User:
    """One user's sockets."""

    __slots__ = ("open", "opens")

    def __init__(self, opens: TokenBucket) -> None:
        self.open = 0
        self.opens = opens


class UserSockets:
    """Counts by user."""

    def __init__(self, *, limit: int, opens_per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`limit` is how many sockets a user may have open; so many may be opened at once as in a minute."""
        self._limit = limit
        self._opens_per_minute = opens_per_minute
        self._clock = clock
        self._known: dict[UserId, _User] = {}
        self._forget_at = MAX_KNOWN

    @contextmanager
    def opened(self, user_id: UserId) -> Iterator[None]:
        """Count a socket as open for the length of the block; CloseError with TOO_MANY_SOCKETS."""
        user = self._user(user_id)
        if user.open >= self._limit or user.opens.take(1, self._clock()):
            raise CloseError(CloseReason.TOO_MANY_SOCKETS)
        user.open += 1
        try:
            yield
        finally:
            user.open -= 1

    def _user(self, user_id: UserId) -> _User:
        known = self._known.get(user_id)
        if known is not None:
            return known
        now = self._clock()
        if len(self._known) >= self._forget_at:
            self._known = {key: one for key, one in self._known.items() if one.open or not one.opens.is_full(now)}
            # If most are active, looking through all of them must stay rare.
            self._forget_at = max(MAX_KNOWN, 2 * len(self._known))
        opens = TokenBucket(rate=self._opens_per_minute / SECONDS_PER_MINUTE, burst=self._opens_per_minute, now=now)
        return self._known.setdefault(user_id, _User(opens))

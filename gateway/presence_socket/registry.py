"""All sockets of a process, and the task that pings them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator

from gateway.presence_socket.session import PresenceSession
from heartbeat_relay import HeartbeatRelay
from servicekit.auth.verifier import CLOCK_SKEW_SECONDS
from servicekit.clock import Instant, SystemClock, seconds

#: Checks are spread over this many points of an interval: with 10,000 sockets and 15 s, 160 in each 0.25 s. A check
#: costs 10 us.
SLOTS = 60
#: After so many points the pongs since the last time are recorded: with 15 s, each second. They travel to the tracking
#: service together, where what comes together costs as much as twenty heartbeats.
SLOTS_PER_RECORDING = 4
#: After a standstill: the round in which it ended, and the next one, because pages need a round to answer.
LENIENT_ROUNDS = 2
TOKEN_EXPIRY_GRACE = seconds(CLOCK_SKEW_SECONDS)
_CLOCK = SystemClock()


class SessionRegistry:
    """Sessions by connection id. Those ids are random, so they spread evenly over the slots."""

    def __init__(self) -> None:
        """Start empty."""
        self._slots: list[dict[str, PresenceSession]] = [{} for _ in range(SLOTS)]
        #: Those whose pong arrived and is not recorded yet.
        self._answered: list[PresenceSession] = []

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return sum(map(len, self._slots))

    def __iter__(self) -> Iterator[PresenceSession]:
        """Yield every session that exists at the start of the iteration."""
        yield from [session for slot in self._slots for session in slot.values()]

    def add(self, session: PresenceSession) -> None:
        """Add a session."""
        self._slot(session.connection_id)[session.connection_id] = session

    def remove(self, session: PresenceSession) -> None:
        """Remove a session."""
        self._slot(session.connection_id).pop(session.connection_id, None)

    def find(self, connection_id: str) -> PresenceSession | None:
        """Return the session with this connection id."""
        return self._slot(connection_id).get(connection_id)

    def session_ids(self) -> set[int]:
        """Return the whiteboard sessions that have a socket here."""
        return {session.session_id for session in self}

    def in_slot(self, number: int) -> list[PresenceSession]:
        """Return the sessions that are in a slot now; slots are numbered from 0."""
        return list(self._slots[number].values())

    def note_pong(self, session: PresenceSession) -> None:
        """Note that a pong arrived, until `record_pongs`."""
        self._answered.append(session)

    def record_pongs(self) -> None:
        """Record the pongs since the last call, so that the relay sends them together."""
        answered, self._answered = self._answered, []
        for session in answered:
            session.record_sign_of_life()

    def _slot(self, connection_id: str) -> dict[str, PresenceSession]:
        return self._slots[hash(connection_id) % SLOTS]


class PingScheduler:
    """Checks every session once in a heartbeat interval, as long as the tracking service says that is.

    If a check comes more than an interval late, the machine was suspended or the process was stopped: pongs could not
    be read meanwhile. Then silence counts for nothing until every page was pinged once more.
    """

    def __init__(self, registry: SessionRegistry, relay: HeartbeatRelay, is_blind: Callable[[], bool]) -> None:
        """`relay` knows the heartbeat interval and the presence timeout.

        While `is_blind` returns True no pong can arrive, so silence counts for nothing, as after a standstill.
        """
        self._registry = registry
        self._relay = relay
        self._is_blind = is_blind
        self._lenient_rounds = 0

    async def run(self) -> None:
        """Run until cancelled."""
        due = asyncio.get_running_loop().time()
        while True:
            for slot in range(SLOTS):
                due = await self._wait_for_slot(due)
                if self._is_blind():
                    self._lenient_rounds = LENIENT_ROUNDS
                if slot % SLOTS_PER_RECORDING == 0:
                    self._registry.record_pongs()
                silent_since, expired_at = self._silent_since(), Instant(_CLOCK.now() - TOKEN_EXPIRY_GRACE)
                for session in self._registry.in_slot(slot):
                    session.check(silent_since=silent_since, expired_at=expired_at)
            self._lenient_rounds = max(self._lenient_rounds - 1, 0)

    def _silent_since(self) -> float:
        """Return since when a page that counts as gone was silent; after a standstill, so long ago that none does."""
        max_silence = math.inf if self._lenient_rounds else self._relay.presence_timeout.total_seconds()
        return time.monotonic() - max_silence

    async def _wait_for_slot(self, last: float) -> float:
        """Wait until the next slot is due, and return when that was."""
        interval = self._relay.heartbeat_interval.total_seconds()
        loop, due = asyncio.get_running_loop(), last + interval / SLOTS
        await asyncio.sleep(due - loop.time())
        # The process may have been stopped during the sleep, too.
        now = loop.time()
        if now - due > interval:
            self._lenient_rounds = LENIENT_ROUNDS
            return now
        return due

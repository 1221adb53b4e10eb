"""One task that visits every socket once in a heartbeat interval."""

from __future__ import annotations

import asyncio
import math

from gateway.presence_socket.roll import SLOTS, Roll
from heartbeat_relay import HeartbeatRelay

#: After a standstill, the round in which it ended and the next one: pages need one to answer.
ROUNDS_OF_LENIENCY = 2


class Wheel:
    """Turns in the rhythm that the tracking service dictates.

    Whoever comes a whole interval late (the machine slept, the process was stopped) could not hear anybody, and
    concludes nothing from silence until everybody was asked once more.
    """

    def __init__(self, roll: Roll, relay: HeartbeatRelay) -> None:
        """`relay` knows the rhythm."""
        self._roll = roll
        self._relay = relay
        self._lenient_rounds = 0

    async def turn(self) -> None:
        """Visit for ever."""
        due = asyncio.get_running_loop().time()
        while True:
            for slot in range(SLOTS):
                due = await self._next(due)
                longest_silence = self._longest_silence()
                for session in self._roll.in_slot(slot):
                    await session.visit(longest_silence)
            self._lenient_rounds = max(self._lenient_rounds - 1, 0)

    def _longest_silence(self) -> float:
        """Return the seconds after which silence means absence: endless while nobody could be heard."""
        return math.inf if self._lenient_rounds else self._relay.presence_timeout.total_seconds()

    async def _next(self, last: float) -> float:
        """Wait for the moment of the next slot and return when that was due."""
        interval = self._relay.heartbeat_interval.total_seconds()
        now, due = asyncio.get_running_loop().time(), last + interval / SLOTS
        if now - due > interval:
            self._lenient_rounds = ROUNDS_OF_LENIENCY
            return now
        await asyncio.sleep(due - now)
        return due

"""A process with the relay client: everybody of a plan connects and beats through it, as fast as it takes events."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Iterator
from itertools import cycle, islice
from typing import Annotated

import uvloop
from pydantic import Field, TypeAdapter

from benchmarks.conversation import answer
from benchmarks.load.messages import Beat, Delivered, Flush, Join, Keep, Message, Ready, RelayPlan
from benchmarks.load.people import user_id
from heartbeat_relay import HeartbeatRelay
from heartbeat_relay.events import UserType
from heartbeat_relay.outbox import MAX_EVENTS_PER_FRAME

_ROLES: tuple[UserType, ...] = ("tutor", "student")
_ORDERS: TypeAdapter[Join | Beat | Keep | Flush] = TypeAdapter(
    Annotated[Join | Beat | Keep | Flush, Field(discriminator="kind")]
)


class RelayLoad:
    """Everybody of a plan, in turn."""

    def __init__(self, relay: HeartbeatRelay, plan: RelayPlan) -> None:
        """Nobody has connected yet."""
        self._relay = relay
        self._people = [
            (session, user_id(session, role), role) for role in _ROLES for session in range(1, plan.sessions + 1)
        ]
        self._turns = cycle(self._people)

    async def obey(self, order: Join | Beat | Keep | Flush) -> Message:
        """Do as told, and return the answer."""
        if isinstance(order, Join):
            return await self._delivered(self._join())
        if isinstance(order, Beat):
            return await self._delivered(self._beat(order.seconds))
        if isinstance(order, Keep):
            await self._heartbeats(order.events)
            return Ready()
        return await self._delivered(asyncio.sleep(0))

    async def _join(self) -> None:
        for number, (session, user, role) in enumerate(self._people, 1):
            await self._relay.room()
            self._relay.connect(session_id=session, user_id=user, user_type=role)
            if number % MAX_EVENTS_PER_FRAME == 0:
                # Sending has its turn.
                await asyncio.sleep(0)

    async def _beat(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            await self._heartbeats(MAX_EVENTS_PER_FRAME)
            await asyncio.sleep(0)

    async def _heartbeats(self, count: int) -> None:
        turns: Iterator[tuple[int, int, UserType]] = islice(self._turns, count)
        for session, user, role in turns:
            await self._relay.room()
            self._relay.heartbeat(session_id=session, user_id=user, user_type=role)

    async def _delivered(self, work: Awaitable[None]) -> Delivered:
        """Finish some work and everything that is kept, and sum up."""
        before, started = self._relay.statistics, time.monotonic()
        await work
        await self._relay.flushed()
        after = self._relay.statistics
        return Delivered(
            events=after.acknowledged - before.acknowledged,
            seconds=time.monotonic() - started,
            rejections=after.rejected - before.rejected,
        )


async def follow() -> None:
    """Follow orders from standard input until it ends."""
    plan = RelayPlan.model_validate_json(await _line())
    async with HeartbeatRelay(plan.address, plan.bearer, streams=plan.streams) as relay:
        load = RelayLoad(relay, plan)
        await relay.opened()
        answer(Ready())
        while line := await _line():
            answer(await load.obey(_ORDERS.validate_json(line)))


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    uvloop.run(follow())

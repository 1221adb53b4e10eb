"""A load process with the relay client: all participants of a plan connect and send heartbeats through it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator
from itertools import cycle, islice
from typing import Annotated

import uvloop
from pydantic import Field, TypeAdapter

from benchmarks.child_process import answer, read_request
from benchmarks.load.messages import (
    BufferHeartbeats,
    Connect,
    Delivered,
    Flush,
    Message,
    Noticed,
    Ready,
    RelayPlan,
    RideOut,
    RodeOut,
    SendHeartbeats,
    user_id,
)
from heartbeat_relay import HeartbeatRelay
from heartbeat_relay.events import UserType
from heartbeat_relay.outbox import MAX_EVENTS_PER_FRAME

_ROLES: tuple[UserType, ...] = ("tutor", "student")
_Request = Connect | SendHeartbeats | BufferHeartbeats | RideOut | Flush
_REQUEST: TypeAdapter[_Request] = TypeAdapter(Annotated[_Request, Field(discriminator="kind")])
#: At a steady rate, heartbeats are passed on this often, as a relay collects them.
_STEP_SECONDS = 0.01


class RelayLoad:
    """All participants of a plan, in turns."""

    def __init__(self, relay: HeartbeatRelay, plan: RelayPlan) -> None:
        """No participant is connected yet."""
        self._relay = relay
        sessions = range(plan.first_session, plan.first_session + plan.sessions)
        self._participants = [(session, user_id(session, role), role) for role in _ROLES for session in sessions]
        self._turns = cycle(self._participants)

    async def handle(self, request: _Request) -> Message:
        """Do what is asked for and return the answer."""
        if isinstance(request, Connect):
            return await self._delivered(self._connect())
        if isinstance(request, SendHeartbeats):
            return await self._delivered(self._send_heartbeats(request.seconds))
        if isinstance(request, BufferHeartbeats):
            await self._heartbeats(request.events)
            return Ready()
        if isinstance(request, RideOut):
            return await self._ride_out(request)
        return await self._delivered(asyncio.sleep(0))

    async def _connect(self) -> None:
        for number, (session, user, role) in enumerate(self._participants, 1):
            await self._relay.room()
            self._relay.connect(session_id=session, user_id=user, user_type=role)
            if number % MAX_EVENTS_PER_FRAME == 0:
                # Let the relay send.
                await asyncio.sleep(0)

    async def _send_heartbeats(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            await self._heartbeats(MAX_EVENTS_PER_FRAME)
            await asyncio.sleep(0)

    async def _ride_out(self, request: RideOut) -> RodeOut:
        before = self._relay.statistics
        noticed: list[Noticed] = []
        noticing = asyncio.create_task(self._notice_acknowledgements(noticed))
        started, passed = time.monotonic(), 0
        while (elapsed := time.monotonic() - started) < request.seconds:
            due = int(elapsed * request.per_second) - passed
            await self._heartbeats(due)
            passed += due
            await asyncio.sleep(_STEP_SECONDS)
        await self._relay.flushed()
        noticing.cancel()
        after = self._relay.statistics
        return RodeOut(
            passed=passed,
            acknowledged=after.acknowledged - before.acknowledged,
            rejections=after.rejected - before.rejected,
            acknowledgements=tuple(noticed),
        )

    async def _notice_acknowledgements(self, noticed: list[Noticed]) -> None:
        acknowledged = self._relay.statistics.acknowledged
        while True:
            await asyncio.sleep(_STEP_SECONDS)
            if self._relay.statistics.acknowledged > acknowledged:
                acknowledged = self._relay.statistics.acknowledged
                noticed.append(Noticed(at=time.monotonic(), waiting=self._relay.statistics.unacknowledged))

    async def _heartbeats(self, count: int) -> None:
        turns: Iterator[tuple[int, int, UserType]] = islice(self._turns, count)
        for session, user, role in turns:
            await self._relay.room()
            self._relay.heartbeat(session_id=session, user_id=user, user_type=role)

    async def _delivered(self, work: Awaitable[None]) -> Delivered:
        """Do some work and wait until everything in the relay's buffer is acknowledged."""
        before, started = self._relay.statistics, time.monotonic()
        await work
        await self._relay.flushed()
        after = self._relay.statistics
        return Delivered(
            events=after.acknowledged - before.acknowledged,
            seconds=time.monotonic() - started,
            rejections=after.rejected - before.rejected,
        )


async def serve_requests() -> None:
    """Answer requests from standard input until it ends."""
    plan = RelayPlan.model_validate_json(await read_request())
    async with HeartbeatRelay(plan.address, plan.bearer, streams=plan.streams) as relay:
        load = RelayLoad(relay, plan)
        await relay.opened()
        answer(Ready())
        while line := await read_request():
            answer(await load.handle(_REQUEST.validate_json(line)))


if __name__ == "__main__":
    uvloop.run(serve_requests())

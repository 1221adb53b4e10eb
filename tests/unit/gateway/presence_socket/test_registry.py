from __future__ import annotations

import asyncio
import math
import time
from datetime import timedelta
from typing import Any

from gateway.presence_socket.registry import LENIENT_ROUNDS, PingScheduler, SessionRegistry
from servicekit.clock import Instant

INTERVAL = timedelta(seconds=0.3)


class FakeRelay:
    """The part of a relay that the scheduler reads."""

    heartbeat_interval = INTERVAL
    presence_timeout = 3 * INTERVAL


class FakeSession:
    """Records for each check whether silence would have ended the session."""

    connection_id = "a"

    def __init__(self) -> None:
        self.checks: asyncio.Queue[bool] = asyncio.Queue()

    def check(self, *, silent_since: float, expired_at: Instant) -> None:
        del expired_at
        self.checks.put_nowait(silent_since > -math.inf)

    async def strict_check(self) -> None:
        """Wait for a check at which silence would have ended the session."""
        while not await self.checks.get():
            pass


async def test_after_a_standstill_silence_ends_no_session_until_all_were_pinged_once_more() -> None:
    registry, session = SessionRegistry(), FakeSession()
    as_session: Any = session
    relay: Any = FakeRelay()
    registry.add(as_session)
    running = asyncio.create_task(PingScheduler(registry, relay, lambda: False).run())
    await session.strict_check()
    block_event_loop(2 * INTERVAL.total_seconds())
    assert not await session.checks.get()
    await session.strict_check()
    running.cancel()


async def test_while_nothing_comes_through_the_gateway_silence_ends_no_session() -> None:
    registry, session = SessionRegistry(), FakeSession()
    as_session: Any = session
    relay: Any = FakeRelay()
    registry.add(as_session)
    is_blind = False
    running = asyncio.create_task(PingScheduler(registry, relay, lambda: is_blind).run())
    await session.strict_check()
    is_blind = True
    for _ in range(LENIENT_ROUNDS):
        assert not await session.checks.get()
    is_blind = False
    # The pages' answers take a round.
    assert not await session.checks.get()
    await session.strict_check()
    running.cancel()


def block_event_loop(seconds: float) -> None:
    """Run nothing for a while, as on a suspended machine."""
    time.sleep(seconds)

from __future__ import annotations

import asyncio
import math
import time
from datetime import timedelta
from typing import Any

import pytest

from gateway.presence_socket.roll import Roll
from gateway.presence_socket.wheel import Wheel

INTERVAL = timedelta(seconds=0.6)


class Rhythm:
    """The part of a relay that a wheel looks at."""

    heartbeat_interval = INTERVAL
    presence_timeout = 3 * INTERVAL


class Visited:
    """Notes each visit, and whether silence meant anything then."""

    connection_id = "a"

    def __init__(self) -> None:
        self.conclusions: asyncio.Queue[bool] = asyncio.Queue()

    async def visit(self, longest_silence: float) -> None:
        self.conclusions.put_nowait(longest_silence < math.inf)


@pytest.fixture
def visited() -> Visited:
    return Visited()


async def test_a_wheel_that_stood_still_concludes_nothing_until_everybody_was_asked_once_more(visited: Any) -> None:  # noqa: ANN401
    roll = Roll()
    roll.add(visited)
    rhythm: Any = Rhythm()
    turning = asyncio.create_task(Wheel(roll, rhythm).turn())
    await concluding(visited)
    stand_still(2 * INTERVAL.total_seconds())
    assert not await visited.conclusions.get()
    await concluding(visited)
    turning.cancel()


async def concluding(visited: Visited) -> None:
    """Wait for a visit at which silence means something."""
    while not await visited.conclusions.get():
        pass


def stand_still(seconds: float) -> None:
    """Keep the event loop from doing anything, as a machine that sleeps does."""
    time.sleep(seconds)

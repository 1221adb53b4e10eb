"""A load process of REST heartbeats: so many connections, a request in flight on each."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import uvloop

from benchmarks.conversation import answer
from benchmarks.load.crowd import percentile
from benchmarks.load.messages import Delivered, Message, Ready, Run
from benchmarks.load.people import user_id
from benchmarks.load.requests import KeptConnection, heartbeat
from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock

_HOST = "127.0.0.1"
_TOKEN_LIFETIME = timedelta(hours=12)
_MILLISECONDS_PER_SECOND = 1_000


class RestPlan(Message):
    """Where to, and how many at once. Answered with Ready."""

    port: int
    secret: str
    #: The tutors of the sessions 1 to n beat in turns.
    sessions: int
    in_flight: int


def requests(plan: RestPlan) -> list[bytes]:
    """Return a heartbeat of every tutor, each with a token of its own."""
    clock = SystemClock()
    return [
        heartbeat(
            f"{_HOST}:{plan.port}",
            session,
            issue_token(
                plan.secret,
                subject=str(user_id(session, "tutor")),
                role="tutor",
                clock=clock,
                lifetime=_TOKEN_LIFETIME,
            ),
        )
        for session in range(1, plan.sessions + 1)
    ]


async def run(plan: RestPlan, prepared: list[bytes], seconds: float) -> Delivered:
    """Send requests for so long."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    deadline = started + seconds

    async def client(index: int) -> KeptConnection:
        own = prepared[index :: plan.in_flight]
        _, connection = await loop.create_connection(lambda: KeptConnection(own, deadline), _HOST, plan.port)
        await connection.done
        return connection

    connections = await asyncio.gather(*(client(index) for index in range(plan.in_flight)))
    latencies = sorted(
        latency * _MILLISECONDS_PER_SECOND for connection in connections for latency in connection.latencies
    )
    return Delivered(
        events=len(latencies),
        seconds=loop.time() - started,
        latency_p50=percentile(latencies, 0.5),
        latency_p99=percentile(latencies, 0.99),
        latency_worst=percentile(latencies, 1.0),
    )


async def follow() -> None:
    """Follow orders from standard input until it ends."""
    plan = RestPlan.model_validate_json(await asyncio.to_thread(sys.stdin.readline))
    prepared = requests(plan)
    answer(Ready())
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer(await run(plan, prepared, Run.model_validate_json(line).seconds))


if __name__ == "__main__":
    uvloop.run(follow())

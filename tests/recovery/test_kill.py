"""An ack is a promise, whatever is killed (DESIGN 6)."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
from grpc import aio

from tests.heartbeat_client import HeartbeatStream, event
from tests.postgres import query
from tests.service_process import ServiceProcess
from tests.tokens import token
from tests.whiteboards import RELAY, add_whiteboard_session

STUDENTS = 20
ROUNDS = 5
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


class Relay:
    """Numbers events, remembers what was promised, goes on where the service says."""

    def __init__(self, session_id: int) -> None:
        self.session_id = session_id
        self.stream_id = str(uuid4())
        self.committed = 0

    async def run(self, address: str, *, until_acknowledged: int) -> None:
        """Stream drawings, a second apart, until the connection breaks or so many are acknowledged."""
        async with aio.insecure_channel(address) as channel:
            stream = HeartbeatStream(channel, token(RELAY, "service"), self.stream_id)
            resumed_at = (await stream.open()).committed_sequence
            assert resumed_at >= self.committed, "the service forgot what it acknowledged"
            sending = asyncio.create_task(self._send(stream, resumed_at))
            try:
                while self.committed < until_acknowledged:
                    frame = await stream.receive()
                    if frame.HasField("ack"):
                        self.committed = frame.ack.committed_sequence
            finally:
                sending.cancel()
                await asyncio.wait([sending])
                stream.cancel()

    async def _send(self, stream: HeartbeatStream, after: int) -> None:
        for sequence in count(after + 1):
            await stream.send_events(
                event(
                    sequence,
                    "heartbeat",
                    self.session_id,
                    200 + sequence % STUDENTS,
                    at=START + timedelta(seconds=sequence),
                    activity_type="draw",
                )
            )
            await asyncio.sleep(0)


@pytest.mark.timeout(300)
async def test_every_acked_event_survives_kill_9_and_none_counts_twice(
    tracking_service: ServiceProcess, database: str
) -> None:
    session_id = add_whiteboard_session(database, students=range(200, 200 + STUDENTS))
    relay = Relay(session_id)
    choice = random.Random(7)  # noqa: S311 - where to kill, the same in every run
    for _ in range(ROUNDS):
        goal = relay.committed + choice.randint(1, 1500)
        running = asyncio.create_task(relay.run(tracking_service.address, until_acknowledged=2**62))
        while relay.committed < goal:
            assert not running.done(), running.exception()
            await asyncio.sleep(0)
        tracking_service.kill()
        with pytest.raises((aio.AioRpcError, EOFError)):
            await running
        tracking_service.start()
    await relay.run(tracking_service.address, until_acknowledged=relay.committed + 1)

    (position,) = query(database, "SELECT committed_sequence FROM heartbeat_streams")
    ((counted, last),) = query(
        database,
        "SELECT sum(occurrences), EXTRACT(EPOCH FROM (SELECT max(last_sign_at) FROM presence_intervals)) "
        "FROM activity_periods",
    )
    assert position[0] >= relay.committed  # type: ignore[operator]
    assert counted == position[0], "an event was lost or counted twice"
    assert last == (START + timedelta(seconds=position[0])).timestamp()  # type: ignore[arg-type]


async def test_sigterm_under_load_flushes_acknowledges_and_ends_in_order(
    tracking_service: ServiceProcess, database: str
) -> None:
    session_id = add_whiteboard_session(database, students=range(200, 200 + STUDENTS))
    relay = Relay(session_id)
    running = asyncio.create_task(relay.run(tracking_service.address, until_acknowledged=2**62))
    while relay.committed < 500:
        assert not running.done(), running.exception()
        await asyncio.sleep(0)
    status = await asyncio.to_thread(tracking_service.terminate)
    with pytest.raises((aio.AioRpcError, EOFError)):
        await running
    ((position,),) = query(database, "SELECT committed_sequence FROM heartbeat_streams")
    ((counted,),) = query(database, "SELECT sum(occurrences) FROM activity_periods")
    assert status == 0
    assert counted == position == relay.committed

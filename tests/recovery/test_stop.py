"""SIGTERM: NOT_SERVING, `draining`, last flush, last acks, exit, whatever clients and storage do (DESIGN 6)."""

from __future__ import annotations

import asyncio

from grpc import StatusCode, aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from testkit.heartbeat_client import HeartbeatStream
from testkit.service_process import ServiceProcess, Stop
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY
from tests.recovery.lessons import hold_lesson
from tests.recovery.load import Relay, assert_kept, committed
from tests.recovery.postgres_control import PostgresControl
from tests.recovery.silent_clients import SilentClient
from tests.recovery.traffic import RELAYS, traffic

#: What the service promises: orchestrators kill what takes longer.
STOP_SECONDS = 10


async def stop(service: ServiceProcess) -> Stop:
    return await asyncio.to_thread(service.terminated)


def assert_orderly(stopped: Stop) -> None:
    assert stopped.status == 0
    assert stopped.seconds < STOP_SECONDS


async def test_under_load_what_is_committed_is_acknowledged_and_nothing_else_is_written(
    tracking_service: ServiceProcess, database: str
) -> None:
    relays = [Relay(hold_lesson(database)) for _ in range(RELAYS)]
    async with asyncio.TaskGroup() as group:
        streams = [group.create_task(relay.stream(tracking_service.address)) for relay in relays]
        await asyncio.gather(*(relay.acknowledged.reached(1_000) for relay in relays))
        assert_orderly(await stop(tracking_service))
    assert all(relay.was_drained for relay in relays)
    codes = [stream.result() for stream in streams]
    # gRPC's client calls it INTERNAL, and reads no further, where a stream ends while it writes a message.
    assert StatusCode.OK in codes
    assert set(codes) <= {StatusCode.OK, StatusCode.INTERNAL}
    for relay, code in zip(relays, codes, strict=True):
        assert code == StatusCode.INTERNAL or committed(database, relay) == relay.promised
    assert_kept(database, relays)


async def test_health_says_not_serving_before_the_process_ends(tracking_service: ServiceProcess) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())  # type: ignore[attr-defined]
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        stopping = asyncio.create_task(stop(tracking_service))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
        assert_orderly(await stopping)


async def test_a_client_that_never_half_closes_is_told_and_left(tracking_service: ServiceProcess) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        stream = HeartbeatStream(channel, token(RELAY, "service"))
        await stream.open()
        stopping = asyncio.create_task(stop(tracking_service))
        assert (await stream.receive()).HasField("draining")
        assert await stream.end() == StatusCode.OK
        assert_orderly(await stopping)


async def test_a_client_that_never_says_a_word_is_left(tracking_service: ServiceProcess) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        stream = HeartbeatStream(channel, token(RELAY, "service"))
        ending = asyncio.create_task(stream.end())
        await channel.channel_ready()
        assert_orderly(await stop(tracking_service))
        assert await ending in {StatusCode.UNAVAILABLE, StatusCode.CANCELLED}


async def test_a_client_that_never_reads_is_left(tracking_service: ServiceProcess, database: str) -> None:
    async with SilentClient(tracking_service.address) as client:
        await client.is_held_back(database)
        assert_orderly(await stop(tracking_service))


async def test_while_postgres_is_away_what_is_not_promised_is_given_up(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        await postgres.stop()
        assert_orderly(await stop(service_on_own_postgres))
    await postgres.start()
    assert_kept(postgres.url, flowing.relays)


async def test_while_postgres_hangs_what_is_not_promised_is_given_up(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        with postgres.halted():
            assert_orderly(await stop(service_on_own_postgres))
    await postgres.stop()  # whatever hung in it is settled
    await postgres.start()
    assert_kept(postgres.url, flowing.relays)


async def test_a_signal_that_comes_again_changes_nothing(tracking_service: ServiceProcess) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        # Says nothing, so that the stop takes its time.
        stream = HeartbeatStream(channel, token(RELAY, "service"))
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())  # type: ignore[attr-defined]
        await watch.read()
        tracking_service.signal_to_terminate()
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert_orderly(await stop(tracking_service))
        stream.cancel()

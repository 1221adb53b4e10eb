"""SIGTERM: NOT_SERVING, `draining`, last flush, last acks, exit (docs/streams.md#shutdown)."""

from __future__ import annotations

import asyncio

from grpc import StatusCode, aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.rpc.server import MAX_STOP_SECONDS
from testkit.heartbeat_client import HeartbeatStream
from testkit.service_process import ServiceProcess, Stop
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY
from tests.recovery.lessons import hold_lesson
from tests.recovery.load import Relay, assert_kept, committed
from tests.recovery.postgres_control import PostgresControl
from tests.recovery.silent_client import SilentClient
from tests.recovery.traffic import RELAYS, traffic


async def stop(service: ServiceProcess) -> Stop:
    return await asyncio.to_thread(service.terminated)


def assert_orderly(stopped: Stop) -> None:
    assert stopped.status == 0
    assert stopped.seconds < MAX_STOP_SECONDS


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
    # gRPC's client reports INTERNAL, and reads no further, if a stream ends while it writes a message.
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


async def test_a_client_that_never_half_closes_is_sent_draining_and_does_not_delay_the_stop(
    tracking_service: ServiceProcess,
) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        stream = HeartbeatStream(channel, token(RELAY, "service"))
        await stream.open()
        stopping = asyncio.create_task(stop(tracking_service))
        assert (await stream.receive()).HasField("draining")
        assert await stream.end() == StatusCode.OK
        assert_orderly(await stopping)


async def test_a_client_that_never_sends_anything_does_not_delay_the_stop(tracking_service: ServiceProcess) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        stream = HeartbeatStream(channel, token(RELAY, "service"))
        ending = asyncio.create_task(stream.end())
        await channel.channel_ready()
        assert_orderly(await stop(tracking_service))
        assert await ending in {StatusCode.UNAVAILABLE, StatusCode.CANCELLED}


async def test_a_client_that_never_reads_does_not_delay_the_stop(
    tracking_service: ServiceProcess, database: str
) -> None:
    async with SilentClient(tracking_service.address) as client:
        await client.is_held_back(database)
        assert_orderly(await stop(tracking_service))


async def test_while_postgres_is_unavailable_the_service_stops_and_keeps_what_it_acknowledged(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        await postgres.stop()
        assert_orderly(await stop(service_on_own_postgres))
    await postgres.start()
    assert_kept(postgres.url, flowing.relays)


async def test_while_postgres_hangs_the_service_stops_and_keeps_what_it_acknowledged(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        with postgres.halted():
            assert_orderly(await stop(service_on_own_postgres))
    await postgres.stop()  # ends the transactions that hung
    await postgres.start()
    assert_kept(postgres.url, flowing.relays)


async def test_a_second_signal_changes_nothing(tracking_service: ServiceProcess) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        # It sends nothing, so that the stop takes as long as it may.
        stream = HeartbeatStream(channel, token(RELAY, "service"))
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())  # type: ignore[attr-defined]
        await watch.read()
        tracking_service.signal_to_terminate()
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert_orderly(await stop(tracking_service))
        stream.cancel()

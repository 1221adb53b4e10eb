"""Two replicas of the service on one database: both append and fold, and the facts are those of one replica."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from grpc import StatusCode

from development.postgres import EmbeddedPostgres
from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.postgres import fresh_database, query
from testkit.pytest_plugins.thorough import thoroughly
from testkit.service_process import ServiceProcess
from tests.recovery.conftest import replicas
from tests.recovery.lessons import STEP, Lesson, hold_lesson
from tests.recovery.load import CONNECTION_ENDED, MAX_WAIT_SECONDS, Relay, assert_kept, committed
from tests.recovery.wrong_order import WrongOrder

EVENTS = 5_000
#: Between two messages of a relay that streams until a deadlock has come about.
PAUSE_SECONDS = 0.01
DEADLOCKS = thoroughly(1, thorough=10)
#: Everything that follows from events, so neither when a row was written nor the order of log entries.
FACTS = (
    "SELECT to_jsonb(fact) - 'stream_id' FROM presence_intervals AS fact ORDER BY 1",
    "SELECT to_jsonb(fact) FROM activity_periods AS fact ORDER BY 1",
    "SELECT to_jsonb(fact) - 'recorded_at' FROM connection_events AS fact ORDER BY 1",
    "SELECT to_jsonb(fact) - '{created_at,connection_logs}'::text[] FROM whiteboard_sessions AS fact ORDER BY 1",
    """
    SELECT fact.id, entry->'user_id', entry->'user_type', entry->'event', entry->'activity_type'
    FROM whiteboard_sessions AS fact, jsonb_array_elements(connection_logs) AS entry ORDER BY 1, 2, 3, 4, 5
    """,
)


@pytest.fixture
def two_replicas(database: str, tmp_path: Path) -> Iterator[list[ServiceProcess]]:
    with replicas(database, 2, tmp_path) as processes:
        yield processes


def two_relays(lesson: Lesson) -> list[Relay]:
    """Return two relays that send events of the same people, each in an order of its own."""
    other = replace(lesson, attendees=lesson.attendees[::-1], began_at=lesson.began_at + STEP / 2, connection_id="b")
    return [Relay(replace(lesson, connection_id="a")), Relay(other)]


def facts(database: str) -> list[list[tuple[object, ...]]]:
    return [query_facts(database, statement) for statement in FACTS]


async def send_all(relays: Sequence[Relay], addresses: Sequence[str], last: int) -> None:
    """Let each relay send its events up to a number; all are acknowledged."""
    streams = (relay.stream(address, last=last) for relay, address in zip(relays, addresses, strict=True))
    assert await asyncio.gather(*streams) == [StatusCode.OK] * len(relays)
    assert [relay.promised for relay in relays] == [last] * len(relays)


async def notice_takeover(relay: Relay, stream: asyncio.Task[StatusCode]) -> None:
    """Wait for the end of a stream that was taken over; the service notices with the next event that it commits."""
    committed_before = asyncio.create_task(relay.acknowledged.reached(relay.last_sent))
    await asyncio.wait([stream, committed_before], return_when=asyncio.FIRST_COMPLETED)
    if not stream.done():
        await relay.write_one_more()
    committed_before.cancel()


async def test_the_facts_of_two_replicas_are_those_of_one(
    postgres_server: EmbeddedPostgres, migrated_template: str, database: str, tmp_path: Path
) -> None:
    lesson = hold_lesson(database)
    with fresh_database(postgres_server, template=migrated_template) as of_one:
        assert hold_lesson(of_one).attendees == lesson.attendees
        with replicas(of_one, 1, tmp_path) as (single,):
            await send_all(two_relays(lesson), [single.address] * 2, EVENTS)
        with replicas(database, 2, tmp_path) as both:
            await send_all(two_relays(lesson), [replica.address for replica in both], EVENTS)
        assert facts(database) == facts(of_one)


async def test_a_deadlock_with_another_transaction_costs_a_fold_a_retry(
    two_replicas: list[ServiceProcess], database: str
) -> None:
    relays = [Relay(hold_lesson(database), pause_seconds=PAUSE_SECONDS) for _ in two_replicas]
    async with asyncio.TaskGroup() as group:
        for relay, replica in zip(relays, two_replicas, strict=True):
            group.create_task(relay.stream(replica.address))
        session_id = relays[0].lesson.attendees[0].session_id
        of_session = f"SELECT FROM presence_intervals WHERE whiteboard_session_id = {session_id}"
        await eventually(lambda: len(query(database, of_session)) == 2)
        for _ in range(DEADLOCKS):
            with WrongOrder(database, session_id) as wrong_order:
                await asyncio.to_thread(wrong_order.deadlock)
        # The service writes that a little after its transaction has ended.
        await eventually(lambda: any("deadlock detected" in replica.log() for replica in two_replicas))
        for replica in two_replicas:
            replica.kill()
    logs = "".join(replica.log() for replica in two_replicas)
    assert "storage is unavailable" not in logs
    assert_kept(database, relays)


async def test_replicas_that_write_the_same_sessions_never_deadlock(
    two_replicas: list[ServiceProcess], database: str
) -> None:
    lesson = hold_lesson(database)
    # The same tab as seen by two relays: plain heartbeats extend intervals, beside strokes, which need all rows locked.
    relays = [Relay(lesson), Relay(replace(lesson, attendees=lesson.attendees[::-1]))]
    await send_all(relays, [replica.address for replica in two_replicas], EVENTS)
    assert "deadlock detected" not in "".join(replica.log() for replica in two_replicas)


async def test_a_stream_that_moves_to_another_replica_is_written_by_that_one_alone(
    two_replicas: list[ServiceProcess], database: str
) -> None:
    first, second = two_replicas
    relay = Relay(hold_lesson(database))
    relays = [relay]
    fenced = asyncio.create_task(relay.stream(first.address))
    for replica in (second, first, second):
        await relay.acknowledged.grown_by(1_000)
        # gRPC's client reports INTERNAL, and reads no further, if a stream ends while it writes a message.
        await relay.stop_writing()
        successor = Relay(relay.lesson, relay.stream_id)
        streaming = asyncio.create_task(successor.stream(replica.address))
        await successor.acknowledged.reached(relay.promised + 1)
        await notice_takeover(relay, fenced)
        assert await asyncio.wait_for(fenced, MAX_WAIT_SECONDS) == StatusCode.ABORTED
        relay, fenced = successor, streaming
        relays.append(relay)
    for replica in two_replicas:
        replica.kill()
    await fenced
    assert_kept(database, relays)
    assert not [failure for failure in ("call failed", "flush failed") if failure in first.log() + second.log()]


async def test_another_identity_can_not_resume_a_stream_at_another_replica(
    two_replicas: list[ServiceProcess], database: str
) -> None:
    first, second = two_replicas
    lesson = hold_lesson(database)
    relay = Relay(lesson)
    streaming = asyncio.create_task(relay.stream(first.address))
    await relay.acknowledged.reached(1_000)
    thief = Relay(lesson, relay.stream_id, identity="another-whiteboard-server")
    assert await thief.stream(second.address) == StatusCode.PERMISSION_DENIED
    await relay.acknowledged.grown_by(1_000)
    first.kill()
    assert await streaming in CONNECTION_ENDED
    assert_kept(database, [relay])


async def test_what_one_replica_committed_the_other_one_acknowledges_again_and_does_not_count(
    two_replicas: list[ServiceProcess], database: str
) -> None:
    first, second = two_replicas
    relay = Relay(hold_lesson(database))
    assert await relay.stream(first.address, last=EVENTS) == StatusCode.OK
    assert await relay.stream(second.address, first=1, last=EVENTS) == StatusCode.OK
    assert committed(database, relay) == EVENTS
    assert_kept(database, [relay])

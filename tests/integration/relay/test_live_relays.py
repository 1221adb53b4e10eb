"""A relay that watches connections live was not running for a while (docs/presence.md#live-relays)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from heartbeat_relay import pool
from servicekit.clock import seconds
from servicekit.database.engine import Database
from testkit.facts import query_facts
from testkit.observation import age_records, cover
from testkit.postgres import execute
from testkit.relays import make_relay, relay_token
from testkit.tokens import metadata
from testkit.tracking_app import Service
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session
from tracking_service.domain.relay_coverage import MAX_UNRECORDED
from tracking_service.store import relay_coverage

OUTAGE = timedelta(minutes=10)
OLD_SECONDS = 3600
COVERAGE = "SELECT observing_since, observed_until FROM relay_coverage ORDER BY 1"


async def measured(service: Service, session_id: int) -> pb.GetConnectionMetricsResponse:
    now = datetime.now(UTC)
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(now - timedelta(minutes=30))
    request.window_end.FromDatetime(now)
    async with aio.insecure_channel(service.address) as channel:
        facts = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
        answer: pb.GetConnectionMetricsResponse = await facts.GetConnectionMetrics(
            request, metadata=metadata(relay_token())
        )
    return answer


async def connect(service: Service, session_id: int, *users: tuple[int, str], live: bool) -> None:
    """Run a relay that sees users connect."""
    async with make_relay(service.address, live=live) as relay:
        for user_id, user_type in users:
            relay.connect(session_id=session_id, user_id=user_id, user_type=user_type)  # type: ignore[arg-type]


async def run_twice(service: Service, database: str, session_id: int, *, live: bool) -> None:
    """Run a relay, let some minutes pass in which the service runs and the relay does not, and run it again."""
    await connect(service, session_id, (TUTOR, "tutor"), (STUDENT, "student"), live=live)
    await service.stop()
    age_records(database, OUTAGE)
    execute(database, "DELETE FROM observation_coverage")
    cover(database, datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(minutes=1))
    await service.start()
    await connect(service, session_id, (TUTOR, "tutor"), live=live)


async def test_the_time_between_two_runs_of_a_live_relay_is_a_gap_of_its_sessions(
    service: Service, database: str, session_id: int
) -> None:
    other = add_whiteboard_session(database)
    await run_twice(service, database, session_id, live=True)
    found = await measured(service, session_id)
    tutor, student = found.participants
    (gap,) = found.observation_gaps
    assert gap.ended_at.ToDatetime() - gap.started_at.ToDatetime() > OUTAGE
    assert ([one.assumed for one in tutor.intervals], tutor.reconnect_count) == ([False, True, False], 0)
    assert [(one.started_at, one.ended_at) for one in student.unknown] == [(gap.started_at, gap.ended_at)]
    assert list((await measured(service, other)).observation_gaps) == []


async def test_other_relays_say_nothing_by_not_running(service: Service, database: str, session_id: int) -> None:
    await run_twice(service, database, session_id, live=False)
    assert (list((await measured(service, session_id)).observation_gaps), query_facts(database, COVERAGE)) == ([], [])


async def test_a_stream_that_is_resumed_was_watched_throughout(
    service: Service, database: str, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_relay(service.address, live=True) as relay:
        # The relay was started an hour ago, so that it does not matter how long the service takes to start.
        monkeypatch.setattr(pool, "_since_boot", lambda: time.clock_gettime(time.CLOCK_BOOTTIME) + OLD_SECONDS)
        relay.connect(session_id=session_id, user_id=STUDENT, user_type="student")
        await relay.flushed()
        ((since, first),) = query_facts(database, COVERAGE)
        await service.stop()
        await service.start()
        relay.heartbeat(session_id=session_id, user_id=STUDENT, user_type="student")
        await relay.flushed()
    ((still_since, second),) = query_facts(database, COVERAGE)
    assert (still_since, first) == (since, first)
    assert second > first  # type: ignore[operator]


@pytest.mark.parametrize(("delay", "rows"), [(MAX_UNRECORDED, 1), (MAX_UNRECORDED + 1, 2)])
def test_an_opening_may_arrive_late_but_not_by_as_much_as_a_gap(database: str, delay: int, rows: int) -> None:
    database_of_service = Database(database, role="tracking_service", application="test", pool_size=1)
    stream_id = uuid4()
    # In one transaction all openings have the same time.
    with database_of_service.transaction() as connection:
        relay_coverage.open_stream(connection, stream_id, RELAY, seconds(1))
        connection.exec_driver_sql(
            "UPDATE relay_coverage SET observing_since = observing_since - %(delay)s * interval '1 microsecond',"
            " observed_until = observed_until - %(delay)s * interval '1 microsecond'",
            {"delay": delay},
        )
        relay_coverage.open_stream(connection, stream_id, RELAY, 0)
    database_of_service.dispose()
    assert len(query_facts(database, COVERAGE)) == rows

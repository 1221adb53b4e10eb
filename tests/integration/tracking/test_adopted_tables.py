"""Tables of the platform whose columns have other types. Each test has a database and a service of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from development.postgres import EmbeddedPostgres
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import execute, fresh_database
from testkit.running_app import channel_to, running
from testkit.tokens import metadata
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import STUDENT, TUTOR
from tracking_service.app import TrackingApp

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import PresenceQueryServiceAsyncStub as Facts

WITHOUT_TIME_ZONES = (
    "ALTER TABLE whiteboard_sessions ALTER COLUMN scheduled_start TYPE timestamp, "
    "ALTER COLUMN scheduled_end TYPE timestamp"
)


@pytest.fixture
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    with fresh_database(postgres_server, template=migrated_template) as url:
        yield url


@pytest.fixture
async def channel(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[aio.Channel]:
    async with running(TrackingApp(tracking_settings(database, monkeypatch))) as app, channel_to(app) as channel:
        yield channel


async def test_a_session_with_a_single_student_id_is_measured(
    channel: aio.Channel, facts: Facts, relay_token: str, database: str, session_id: int
) -> None:
    execute(
        database,
        "ALTER TABLE whiteboard_sessions ALTER COLUMN student_id DROP DEFAULT",
        "ALTER TABLE whiteboard_sessions ALTER COLUMN student_id TYPE integer USING student_id[1]",
    )
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    await stream.send_batch(
        event(number + 1, "heartbeat", session_id, STUDENT, at=start + timedelta(minutes=number))
        for number in range(61)
    )
    await stream.acknowledged(61)
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(start)
    request.window_end.FromDatetime(start + timedelta(hours=1))
    response = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    assert {one.user_id: one.active_seconds for one in response.participants} == {TUTOR: 0, STUDENT: 3600}


async def test_a_schedule_without_a_time_zone_is_read_in_the_session_time_zone_if_no_window_is_sent(
    facts: Facts, relay_token: str, database: str, session_id: int
) -> None:
    execute(
        database,
        WITHOUT_TIME_ZONES,
        "UPDATE whiteboard_sessions SET scheduled_start = '2026-03-02 18:00', scheduled_end = '2026-03-02 19:00'",
    )
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    response = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    assert response.window_start.ToDatetime(tzinfo=UTC) == datetime(2026, 3, 2, 15, tzinfo=UTC)


async def test_the_report_reads_schedules_without_a_time_zone_in_the_session_time_zone(
    facts: Facts, relay_token: str, database: str, session_id: int
) -> None:
    execute(
        database,
        WITHOUT_TIME_ZONES,
        "UPDATE whiteboard_sessions SET scheduled_start = '2026-03-02 10:00', scheduled_end = '2026-03-02 11:00', "  # noqa: S608
        f"status = 'completed', student_total_active_seconds = 1800 WHERE id = {session_id}",
    )
    request = pb.ListTutorEngagementRequest()
    request.scheduled_from.FromDatetime(datetime(2026, 3, 2, 7, tzinfo=UTC))
    request.scheduled_before.FromDatetime(datetime(2026, 3, 2, 8, tzinfo=UTC))
    [tutor] = (await facts.ListTutorEngagement(request, metadata=metadata(relay_token))).tutors
    assert tutor.average_student_engagement_percentage == 50.0

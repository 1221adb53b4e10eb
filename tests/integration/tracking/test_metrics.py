"""What the service shows at /metrics (docs/metrics.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2 as pb
from servicekit.database.engine import Database
from testkit.eventually import eventually
from testkit.grpc_errors import refusal
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.scrape import scrape, scrape_now
from testkit.tokens import metadata
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import STUDENT
from tracking_service.app import TrackingApp
from tracking_service.ingest.group_commit import MAX_QUEUED_EVENTS
from tracking_service.settings import TrackingSettings
from tracking_service.store.gauges import read_gauges

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceAsyncStub as Tracking

STRANGER = 4711
REFUSED = "NOT_A_PARTICIPANT"
TRACKING = "astegni.tracking.v1.TrackingService"


@pytest.fixture(scope="module")
def module_settings(module_database: str) -> Iterator[TrackingSettings]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield tracking_settings(module_database, monkeypatch, METRICS_PORT="0", MAX_WATCHES_PER_USER="1")


def open_intervals(database: Database) -> float:
    with database.transaction() as connection:
        [answer] = read_gauges(connection).values()
        return answer


async def test_events_are_counted_by_kind_once_they_are_in_the_journal(
    app: TrackingApp, channel: aio.Channel, session_id: int, relay_token: str
) -> None:
    before = await scrape(app.metrics.port)
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    await stream.send_batch(
        [
            event(1, "connect", session_id, STUDENT),
            event(2, "heartbeat", session_id, STUDENT),
            event(3, "heartbeat", session_id, STUDENT),
            event(4, "heartbeat", session_id, STUDENT, activity_type="draw"),
            event(5, "disconnect", session_id, STUDENT),
        ]
    )
    await stream.acknowledged(5)
    await stream.half_close()
    after = await scrape(app.metrics.port)
    name = "tracking_events_appended_total"
    kinds = ("connect", "heartbeat", "activity", "disconnect")
    assert [after.value(name, kind=kind) - before.value(name, kind=kind) for kind in kinds] == [1, 2, 1, 1]
    sums = ("tracking_append_events_sum", "tracking_append_seconds_count", "tracking_ack_seconds_count")
    events, appends, acknowledged = (after.value(name) - before.value(name) for name in sums)
    assert (events, appends >= 1, acknowledged >= 1) == (5, True, True)


async def test_open_streams_are_counted_until_they_end(
    app: TrackingApp, channel: aio.Channel, relay_token: str
) -> None:
    await eventually(lambda: scrape_now(app.metrics.port).value("tracking_heartbeat_streams") == 0)
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    assert (await scrape(app.metrics.port)).value("tracking_heartbeat_streams") == 1
    await stream.half_close()
    await eventually(lambda: scrape_now(app.metrics.port).value("tracking_heartbeat_streams") == 0)


async def test_rejected_events_are_counted_by_reason(
    app: TrackingApp, channel: aio.Channel, session_id: int, relay_token: str
) -> None:
    before = await scrape(app.metrics.port)
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    await stream.send_batch([event(1, "heartbeat", session_id, STRANGER)])
    await stream.acknowledged(1)
    await stream.half_close()
    after, rejected = await scrape(app.metrics.port), "tracking_events_rejected_total"
    assert after.value(rejected, reason=REFUSED) - before.value(rejected, reason=REFUSED) == 1


async def test_calls_are_counted_by_the_status_that_the_caller_got(
    app: TrackingApp, tracking: Tracking, session_id: int, tutor_token: str
) -> None:
    before = await scrape(app.metrics.port)
    request = pb.HeartbeatRequest(session_id=session_id + 1, user_type=pb.tutor)
    await refusal(tracking.Heartbeat(request, metadata=metadata(tutor_token)))
    after = await scrape(app.metrics.port)
    method = {"grpc_service": TRACKING, "grpc_method": "Heartbeat"}
    ended = {**method, "grpc_code": StatusCode.NOT_FOUND.name}
    counts = [
        after.value(name, **labels) - before.value(name, **labels)
        for name, labels in (
            ("grpc_server_started_total", method),
            ("grpc_server_handled_total", ended),
            ("grpc_server_handling_seconds_count", method),
        )
    ]
    assert counts == [1, 1, 1]


async def test_what_a_limit_refuses_is_counted_by_limit(
    app: TrackingApp, tracking: Tracking, session_id: int, tutor_token: str
) -> None:
    before = await scrape(app.metrics.port)
    request, call = pb.WatchConnectionStatusRequest(session_id=session_id), metadata(tutor_token)
    first = tracking.WatchConnectionStatus(request, metadata=call)
    await first.read()
    await refusal(tracking.WatchConnectionStatus(request, metadata=call).read())
    after = await scrape(app.metrics.port)
    first.cancel()
    hit = "limits_hit_total"
    assert after.value(hit, limit="watches_of_identity") - before.value(hit, limit="watches_of_identity") == 1
    assert after.value("tracking_status_watches") == 1


async def test_a_stream_that_another_call_takes_over_is_counted(
    app: TrackingApp, channel: aio.Channel, relay_token: str
) -> None:
    before = await scrape(app.metrics.port)
    first = HeartbeatStream(channel, relay_token)
    await first.open()
    second = HeartbeatStream(channel, relay_token, stream_id=first.stream_id)
    await second.open()
    with pytest.raises(aio.AioRpcError):
        await first.receive()
    taken = "tracking_stream_takeovers_total"
    await second.half_close()
    await eventually(lambda: scrape_now(app.metrics.port).value(taken) - before.value(taken) == 1)


async def test_who_is_present_is_counted_in_the_database(
    app: TrackingApp, tracking: Tracking, database: str, session_id: int, tutor_token: str
) -> None:
    await tracking.Connect(pb.ConnectRequest(session_id=session_id, user_type=pb.tutor), metadata=metadata(tutor_token))
    asked = Database(database, role="", application="test", pool_size=1)
    await eventually(lambda: open_intervals(asked) == 1)
    asked.dispose()
    assert (await scrape(app.metrics.port)).shows("tracking_open_intervals")


async def test_the_state_of_the_process_is_shown(app: TrackingApp) -> None:
    shown = await scrape(app.metrics.port)
    assert shown.value("tracking_append_queue_limit_events") == MAX_QUEUED_EVENTS
    assert shown.value("tracking_able_to_record") == 1
    assert 0 <= shown.value("tracking_coverage_age_seconds") < 60
    assert shown.value("database_pool_size") > 0
    assert shown.value("process_cpu_seconds_total") > 0

"""A relay whose clock is off is noticed while it streams (docs/presence.md#clocks)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from servicekit.clock import seconds
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import query
from testkit.tokens import metadata
from testkit.whiteboard_sessions import STUDENT, TUTOR
from tracking_service.domain import relay_clocks

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import PresenceQueryServiceAsyncStub as Facts

BEHIND = timedelta(minutes=6)


async def test_a_relay_clock_that_is_off_is_logged_and_stands_in_the_metrics(  # noqa: PLR0917 - fixtures
    channel: aio.Channel,
    facts: Facts,
    relay_token: str,
    session_id: int,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(relay_clocks, "WINDOW", seconds(0.1))
    # However slow the machine is.
    monkeypatch.setattr(relay_clocks, "MAX_VARIATION", seconds(60))
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    sequence = 0
    # To fold between two events may take longer than the windows in which they have to come.
    while not query(database, "SELECT FROM relay_clock_offsets"):
        sequence += 1
        at = datetime.now(UTC) - BEHIND
        await stream.send_events(event(sequence, "heartbeat", session_id, STUDENT, at=at))
        await stream.acknowledged(sequence)
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
    request.window_end.FromDatetime(datetime.now(UTC))
    answer = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    offsets = {one.user_id: one.clock_offset_seconds for one in answer.participants}
    # The service estimates the database's clock, to some milliseconds.
    assert -BEHIND.total_seconds() - 60 < offsets[STUDENT] < -BEHIND.total_seconds() + 1
    assert offsets[TUTOR] == 0
    assert caplog.text.count("a relay's clock is off") == 1

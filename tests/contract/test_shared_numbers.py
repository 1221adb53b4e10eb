"""Clients and services keep their own copies of some numbers, because neither imports the other; the copies agree."""

from __future__ import annotations

import pytest

from attendance_service.settings import AttendanceSettings
from attendance_service.tracking import client
from gateway.presence_socket import protocol
from heartbeat_relay import events, pool, retry_policy, standstill
from servicekit.rpc import status
from tracking_service.domain import activity
from tracking_service.ingest import coverage
from tracking_service.settings import TrackingSettings
from tracking_service.wire import event_reader, metrics


@pytest.mark.parametrize(
    ("of_client", "of_service"),
    [
        pytest.param(events.MAX_CONNECTION_ID_LENGTH, event_reader.MAX_CONNECTION_ID_LENGTH, id="connection id"),
        pytest.param(events.MAX_SESSIONS_PER_GAP, event_reader.MAX_SESSIONS_PER_GAP, id="sessions of a gap"),
        pytest.param(client.MAX_REQUESTS_PER_BATCH, metrics.MAX_REQUESTS_PER_BATCH, id="requests of a batch"),
        pytest.param(protocol.ACTIVITY_TYPE, activity.ACTIVITY_TYPE, id="activity types"),
        pytest.param(standstill.MAX_STANDSTILL_SECONDS, coverage.MAX_STANDSTILL_SECONDS, id="longest standstill"),
        pytest.param(standstill.MIN_STANDSTILL_SECONDS, coverage.MIN_STANDSTILL_SECONDS, id="shortest standstill"),
        pytest.param(standstill.PRESENCE_TIMEOUT_SHARE, coverage.PRESENCE_TIMEOUT_SHARE, id="share of the timeout"),
        pytest.param(retry_policy.STATUS_DETAILS_KEY, status.STATUS_DETAILS_KEY, id="key of error details"),
        pytest.param(
            pool.HEARTBEAT_INTERVAL.total_seconds(),
            TrackingSettings.model_fields["heartbeat_interval_seconds"].default,
            id="heartbeat interval",
        ),
        pytest.param(
            pool.PRESENCE_TIMEOUT.total_seconds(),
            TrackingSettings.model_fields["presence_timeout_seconds"].default,
            id="presence timeout",
        ),
        pytest.param(
            AttendanceSettings.model_fields["presence_timeout_seconds"].default,
            TrackingSettings.model_fields["presence_timeout_seconds"].default,
            id="presence timeout of attendance",
        ),
    ],
)
def test_a_client_and_the_service_agree(of_client: object, of_service: object) -> None:
    assert of_client == of_service

"""How often streams are acknowledged (docs/adr/0006-how-events-are-written.md)."""

from __future__ import annotations

from tracking_service.ingest.group_commit import FLUSH_INTERVAL_SECONDS
from tracking_service.ingest.stream_registry import (
    MAX_ACKNOWLEDGEMENT_INTERVAL_SECONDS,
    fair_acknowledgement_interval,
)

RELAYS = 8
BROWSERS = 500
MAX_STREAMS = 50_000


def test_a_few_relays_get_an_acknowledgement_after_every_flush() -> None:
    assert fair_acknowledgement_interval(RELAYS) < FLUSH_INTERVAL_SECONDS


def test_of_500_streams_none_is_acknowledged_more_than_20_times_a_second() -> None:
    assert fair_acknowledgement_interval(BROWSERS) >= 1 / 20


def test_no_stream_waits_longer_than_the_limit() -> None:
    assert fair_acknowledgement_interval(MAX_STREAMS) == MAX_ACKNOWLEDGEMENT_INTERVAL_SECONDS

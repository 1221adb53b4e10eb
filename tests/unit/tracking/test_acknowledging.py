"""How often streams are told what is committed (ADR 0006)."""

from __future__ import annotations

from tracking_service.ingest.committer import FLUSH_INTERVAL_SECONDS
from tracking_service.ingest.registry import (
    LONGEST_ACKNOWLEDGEMENT_INTERVAL_SECONDS,
    fair_acknowledgement_interval,
)

RELAYS = 8
BROWSERS = 500
ALL_THERE_MAY_BE = 50_000


def test_a_few_relays_are_told_of_every_flush() -> None:
    assert fair_acknowledgement_interval(RELAYS) < FLUSH_INTERVAL_SECONDS


def test_of_many_streams_none_is_told_more_than_20_times_a_second() -> None:
    assert fair_acknowledgement_interval(BROWSERS) >= 1 / 20


def test_nobody_waits_longer_however_many_there_are() -> None:
    assert fair_acknowledgement_interval(ALL_THERE_MAY_BE) == LONGEST_ACKNOWLEDGEMENT_INTERVAL_SECONDS

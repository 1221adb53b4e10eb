"""Times in which nothing came through the gateway are reported (docs/presence.md#the-gateway)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from gateway.presence_socket import gateway_watch
from gateway.presence_socket.gateway_watch import GatewayWatch
from heartbeat_relay import HeartbeatRelay
from servicekit.gateway_probe import MAX_SILENCE_SECONDS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock(datetime):
    """Stands in for `datetime`; says what the test sets."""

    current = NOON

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        return cls.current


class Relay:
    """Keeps what is reported, and says when this process stood still."""

    presence_timeout = timedelta(seconds=75)

    def __init__(self) -> None:
        self.reported: list[tuple[datetime, datetime]] = []
        #: When a standstill began that ended just now.
        self.stood_still_since: datetime | None = None

    def arrival_time(self) -> datetime:
        return self.stood_still_since or Clock.current

    def report_blind(self, started_at: datetime, ended_at: datetime) -> None:
        self.reported.append((started_at, ended_at))


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Relay:
    monkeypatch.setattr(gateway_watch, "datetime", Clock)
    monkeypatch.setattr(Clock, "current", NOON)
    return Relay()


@pytest.fixture
def watch(relay: Relay) -> GatewayWatch:
    watch = GatewayWatch(cast("HeartbeatRelay", relay))
    watch.note_answer()
    return watch


def advance(seconds: float) -> datetime:
    Clock.current += timedelta(seconds=seconds)
    return Clock.current


def close_to(at: datetime) -> object:
    return pytest.approx(at, abs=2 * gateway_watch.SEPARATION)


def test_a_silence_is_reported_when_it_ends_and_what_was_held_back_has_the_time_of_its_beginning(
    watch: GatewayWatch, relay: Relay
) -> None:
    ended = advance(MAX_SILENCE_SECONDS + 1)
    assert watch.is_silent
    assert watch.arrival_time() == close_to(NOON)
    assert relay.reported == [(close_to(NOON), ended)]
    later = advance(gateway_watch.CATCH_UP.total_seconds())
    assert watch.arrival_time() == later
    assert len(relay.reported) == 1


def test_a_short_silence_is_no_gap(watch: GatewayWatch, relay: Relay) -> None:
    assert watch.arrival_time() == Clock.current
    advance(MAX_SILENCE_SECONDS)
    assert watch.arrival_time() == Clock.current
    assert relay.reported == []


def test_a_silence_is_reported_from_its_beginning_although_this_process_stood_still_at_its_end(
    watch: GatewayWatch, relay: Relay
) -> None:
    relay.stood_still_since = advance(MAX_SILENCE_SECONDS)
    ended = advance(MAX_SILENCE_SECONDS)
    assert watch.arrival_time() == close_to(NOON)
    assert relay.reported == [(close_to(NOON), ended)]


def test_a_standstill_of_this_process_alone_is_left_to_the_relay(watch: GatewayWatch, relay: Relay) -> None:
    relay.stood_still_since = NOON + timedelta(seconds=1)
    advance(MAX_SILENCE_SECONDS)
    assert watch.arrival_time() == relay.stood_still_since
    assert relay.reported == []

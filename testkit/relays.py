"""Relays for tests, and what they have recorded in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from heartbeat_relay import HeartbeatRelay, OnRejection, Token
from testkit.facts import query_facts
from testkit.postgres import query
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY, STUDENT

#: The start of a lesson some hours ago, because relays may deliver old events.
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


def lesson_time(seconds: float) -> datetime:
    """Return a time so many seconds after the start of the lesson."""
    return START + timedelta(seconds=seconds)


def relay_token() -> str:
    """Return a fresh token of the relay."""
    return token(RELAY, "service")


def make_relay(
    address: str,
    bearer: Token = relay_token,
    *,
    streams: int = 1,
    capacity: int = 100_000,
    flush_seconds: float = 60.0,
    live: bool = False,
    on_rejection: OnRejection | None = None,
) -> HeartbeatRelay:
    """Return a relay with one stream that waits for a minute at the end, if necessary."""
    return HeartbeatRelay(
        address,
        bearer,
        streams=streams,
        capacity=capacity,
        flush_seconds=flush_seconds,
        live=live,
        on_rejection=on_rejection,
    )


def draw(relay: HeartbeatRelay, session_id: int, second: float, *, user_id: int = STUDENT) -> None:
    """Record one stroke. Strokes are counted in the database, so a test notices one that is lost or counted twice."""
    relay.heartbeat(
        session_id=session_id, user_id=user_id, user_type="student", activity_type="draw", at=lesson_time(second)
    )


def strokes(database: str) -> int:
    """Return how many strokes are recorded."""
    ((counted,),) = query_facts(database, "SELECT COALESCE(sum(occurrences), 0)::integer FROM activity_periods")
    assert isinstance(counted, int)
    return counted


def stream_count(database: str) -> int:
    """Return how many streams the service has stored."""
    ((counted,),) = query(database, "SELECT count(*) FROM heartbeat_streams")
    assert isinstance(counted, int)
    return counted

"""DESIGN 5.6 and 9: a heartbeat that is read the short way is the event that the long way makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import SERVICE_ROLE, Principal
from servicekit.clock import Instant, from_datetime, seconds
from servicekit.identifiers import UserId
from testkit.clock import SettableClock
from testkit.whiteboard_sessions import RELAY, STUDENT
from tracking_service.domain.events import EndReason
from tracking_service.domain.runs import as_event
from tracking_service.ingest.intake import Intake
from tracking_service.wire import reports
from tracking_service.wire.moments import timestamp
from tracking_service.wire.plain_heartbeats import PlainHeartbeatReader

Drawn = TypeVar("Drawn")

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BACKFILL_LIMIT = seconds(60)


def principal(subject: str, user_id: int | None, role: str) -> Principal:
    return Principal(
        subject=subject,
        user_id=None if user_id is None else UserId(user_id),
        role=role,
        roles=frozenset({role}),
        expires_at=Instant(from_datetime(NOW) + seconds(3600)),
    )


CALLERS = (principal(RELAY, None, SERVICE_ROLE), principal(str(STUDENT), STUDENT, "student"))


def usually(usual: Drawn, *others: Drawn) -> st.SearchStrategy[Drawn]:
    return st.sampled_from([usual] * 9 + list(others))


@st.composite
def messages(draw: st.DrawFn) -> tracking_pb2.PresenceEvent:
    """Draw an event whose fields are usual for the most part, each within and beyond its limits."""
    message = tracking_pb2.PresenceEvent(
        sequence=1,
        kind=draw(usually(tracking_pb2.heartbeat, tracking_pb2.connect, tracking_pb2.disconnect)),
        session_id=draw(usually(1, 2**31 - 1, 0, -1)),
        user_type=draw(usually(tracking_pb2.student, tracking_pb2.tutor)),
        user_id=draw(st.one_of(st.none(), usually(STUDENT, STUDENT + 1, 2**31 - 1, 0, -1))),
        activity_type=draw(usually("", "heartbeat", "draw", "NO SUCH")),
        connection_id=draw(usually("", "tab-1", "x" * 64, "x" * 65, "\n")),
    )
    beside = draw(st.sampled_from([None, -BACKFILL_LIMIT - 1, -BACKFILL_LIMIT, -1, 0, 1]))
    if beside is not None:
        message.observed_at.CopyFrom(timestamp(Instant(from_datetime(NOW) + beside)))
    return message


@settings(max_examples=300, deadline=None)
@given(messages(), st.sampled_from(CALLERS))
def test_both_ways_of_reading_a_heartbeat_make_the_same_event(
    message: tracking_pb2.PresenceEvent, caller: Principal
) -> None:
    clock = SettableClock(NOW)
    reader = PlainHeartbeatReader(caller, backfill_limit=BACKFILL_LIMIT)
    for heartbeat in reader.leading([message], 0, 1, clock.now()):
        event = Intake(caller, clock, backfill_limit=BACKFILL_LIMIT).event(reports.of_event(message))
        assert as_event(heartbeat) == event._replace(reason=EndReason.CLOSED)

"""A plain heartbeat that is read directly equals the event that the general path reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import SERVICE_ROLE, Principal
from servicekit.clock import Instant, from_datetime, seconds
from servicekit.identifiers import UserId
from testkit.clock import SettableClock
from testkit.heartbeat_client import event
from testkit.pytest_plugins.thorough import thoroughly
from testkit.whiteboard_sessions import RELAY, STUDENT
from tracking_service.domain.events import EndReason, EventKind, PresenceEvent
from tracking_service.domain.heartbeat_columns import participant
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.ingest.stream import Numbered
from tracking_service.recording.submission import Rejection
from tracking_service.wire.event_reader import EventReader
from tracking_service.wire.fields import timestamp
from tracking_service.wire.frames import FrameReader

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


def frame_reader(caller: Principal, clock: SettableClock) -> FrameReader:
    return FrameReader(caller, clock, uuid4(), arrival_time=clock.now, backfill_limit=BACKFILL_LIMIT)


def batch(*events: tracking_pb2.PresenceEvent) -> tracking_pb2.StreamHeartbeatsRequest:
    return tracking_pb2.StreamHeartbeatsRequest(batch=tracking_pb2.PresenceEventBatch(events=events))


@settings(max_examples=thoroughly(100, thorough=1000))
@given(messages(), st.sampled_from(CALLERS))
def test_both_paths_of_reading_a_heartbeat_return_the_same_event(
    message: tracking_pb2.PresenceEvent, caller: Principal
) -> None:
    clock = SettableClock(NOW)
    [content] = frame_reader(caller, clock).read(batch(message), 1)
    if isinstance(content, NumberedHeartbeats):
        general = EventReader(caller, clock, arrival_time=clock.now, backfill_limit=BACKFILL_LIMIT).event(message)
        assert as_events(content) == [general._replace(reason=EndReason.CLOSED)]


@settings(max_examples=thoroughly(100, thorough=1000))
@given(messages(), st.sampled_from(CALLERS))
def test_a_heartbeat_that_comes_alone_is_read_as_it_is_in_a_batch(
    message: tracking_pb2.PresenceEvent, caller: Principal
) -> None:
    reader = frame_reader(caller, SettableClock(NOW))
    reader.clock_offset_change(batch(message))
    heartbeat = reader.heartbeat(tracking_pb2.StreamHeartbeatsRequest(event=message), 1)
    [content] = reader.read(batch(message), 1)
    if isinstance(content, NumberedHeartbeats) and caller.is_service:
        assert [(1, *(heartbeat or ()))] == list(content.rows())
    else:
        assert heartbeat is None


def test_only_the_next_heartbeat_is_read_alone() -> None:
    reader = frame_reader(CALLERS[0], SettableClock(NOW))
    first = tracking_pb2.StreamHeartbeatsRequest(event=event(1, "heartbeat", 5, STUDENT, at=NOW))
    reader.clock_offset_change(first)
    assert reader.heartbeat(first, 1) is not None
    assert reader.heartbeat(first, 2) is None
    assert reader.heartbeat(batch(first.event), 1) is None


def test_the_clock_of_a_relay_is_measured_each_second() -> None:
    clock = SettableClock(NOW)
    reader = frame_reader(CALLERS[0], clock)
    first = tracking_pb2.StreamHeartbeatsRequest(event=event(1, "heartbeat", 5, STUDENT, at=NOW))
    assert reader.heartbeat(first, 1) is None
    reader.clock_offset_change(first)
    clock.advance(1)
    assert reader.heartbeat(first, 1) is not None
    clock.advance(1e-6)
    assert reader.heartbeat(first, 1) is None


def test_heartbeats_of_a_relay_whose_clock_is_ahead_are_read_together_and_happen_now() -> None:
    clock = SettableClock(NOW)
    frame = batch(*(event(number, "heartbeat", 5, STUDENT, at=NOW + timedelta(milliseconds=1)) for number in (1, 2)))
    [content] = frame_reader(CALLERS[0], clock).read(frame, 1)
    assert isinstance(content, NumberedHeartbeats)
    assert [heartbeat.at for heartbeat in as_events(content)] == [clock.now()] * 2


@pytest.mark.parametrize(("seconds_", "nanos"), [(0, -1), (0, 10**9), (253_402_300_800, 0)])
def test_a_time_that_is_no_valid_timestamp_is_rejected(seconds_: int, nanos: int) -> None:
    message = event(1, "heartbeat", 5, STUDENT)
    message.observed_at.seconds = seconds_ or int(NOW.timestamp())
    message.observed_at.nanos = nanos
    [content] = frame_reader(CALLERS[0], SettableClock(NOW)).read(batch(message), 1)
    assert isinstance(content, Rejection)
    assert content.error.reason == "INVALID_ARGUMENT"


def test_a_batch_is_read_in_order_with_neighbouring_plain_heartbeats_together() -> None:
    frame = batch(
        event(1, "heartbeat", 5, STUDENT),
        event(2, "heartbeat", 6, STUDENT),
        event(3, "heartbeat", 5, STUDENT, activity_type="draw"),
        event(4, "heartbeat", -5, STUDENT),
        event(5, "heartbeat", 5, STUDENT),
    )
    contents = list(frame_reader(CALLERS[0], SettableClock(NOW)).read(frame, 1))
    kinds = [(type(content).__name__, _sequences(content)) for content in contents]
    assert kinds == [
        ("NumberedHeartbeats", [1, 2]),
        ("NumberedEvent", [3]),
        ("Rejection", [4]),
        ("NumberedHeartbeats", [5]),
    ]


def test_heartbeats_with_other_numbers_than_the_next_are_read_one_by_one() -> None:
    frame = batch(event(1, "heartbeat", 5, STUDENT), event(3, "heartbeat", 5, STUDENT))
    contents = frame_reader(CALLERS[0], SettableClock(NOW)).read(frame, 2)
    assert [(type(content).__name__, _sequences(content)) for content in contents] == [
        ("NumberedEvent", [1]),
        ("NumberedEvent", [3]),
    ]


def as_events(heartbeats: NumberedHeartbeats) -> list[PresenceEvent]:
    return [
        PresenceEvent(participant(key), EventKind.HEARTBEAT, Instant(at), connection_id)
        for _, key, at, connection_id in heartbeats.rows()
    ]


def _sequences(content: NumberedHeartbeats | Numbered) -> list[int]:
    if isinstance(content, NumberedHeartbeats):
        return [sequence for sequence, _, _, _ in content.rows()]
    return [content.sequence]

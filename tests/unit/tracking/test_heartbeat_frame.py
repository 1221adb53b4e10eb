"""Heartbeats as columns are read, accepted and rejected exactly as a batch of the same events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import SERVICE_ROLE, Principal
from servicekit.clock import Instant, from_datetime, seconds
from servicekit.errors import InvalidArgument
from servicekit.identifiers import UserId
from testkit.clock import SettableClock
from testkit.pytest_plugins.thorough import thoroughly
from testkit.whiteboard_sessions import RELAY, STUDENT
from tracking_service.domain.events import EndReason, EventKind, PresenceEvent
from tracking_service.domain.heartbeat_columns import connection_number, connection_numbers, participant
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.ingest.stream import Numbered
from tracking_service.recording.submission import NumberedEvent, Rejection
from tracking_service.wire.fields import timestamp
from tracking_service.wire.frames import MAX_EVENTS_PER_BATCH, FrameReader

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE = Instant(from_datetime(NOW) - seconds(30))
BACKFILL_LIMIT = seconds(60)
MAX_ID = 2**31 - 1

#: Within and beyond the limits, and as far as the field goes.
OBSERVED_AFTER = [0, 1, *map(seconds, (29, 30, 31, -30)), -seconds(30) - 1, 2**63 - 1, -(2**63)]

#: What is accepted under a number, or why it is rejected.
Outcome = tuple[int, PresenceEvent | tuple[str, str]]


class Row(NamedTuple):
    session_id: int
    user_id: int
    user_type: tracking_pb2.UserType.ValueType
    observed_after: int
    connection_id: str


rows = st.lists(
    st.builds(
        Row,
        st.sampled_from([1, 2, MAX_ID] * 4 + [0, -1]),
        st.sampled_from([STUDENT] * 9 + [STUDENT + 1, MAX_ID, 0, -1]),
        st.sampled_from([tracking_pb2.student, tracking_pb2.tutor] * 5 + [0, 7]),
        st.sampled_from(OBSERVED_AFTER),
        st.sampled_from(["", "tab", "phone", "x" * 64, "x" * 65, "\n"]),
    ),
    min_size=1,
    max_size=8,
)


def principal(subject: str, user_id: int | None, role: str) -> Principal:
    return Principal(
        subject=subject,
        user_id=None if user_id is None else UserId(user_id),
        role=role,
        roles=frozenset({role}),
        expires_at=Instant(from_datetime(NOW) + seconds(3600)),
    )


RELAYS = principal(RELAY, None, SERVICE_ROLE)
CALLERS = (RELAYS, principal(str(STUDENT), STUDENT, "student"))


def column_frame(
    drawn: list[Row], first_sequence: int = 1, *, is_stamped: bool = True
) -> tracking_pb2.PresenceHeartbeats:
    ids = sorted({row.connection_id for row in drawn} - {""})
    return tracking_pb2.PresenceHeartbeats(
        first_sequence=first_sequence,
        session_ids=[row.session_id for row in drawn],
        user_ids=[row.user_id for row in drawn],
        user_types=[row.user_type for row in drawn],
        observed_at=timestamp(BASE) if is_stamped else None,
        observed_after_microseconds=[row.observed_after for row in drawn] if is_stamped else (),
        connection_ids=ids,
        connections=[ids.index(row.connection_id) + 1 if row.connection_id else 0 for row in drawn],
    )


def event_of(row: Row, sequence: int, *, is_stamped: bool) -> tracking_pb2.PresenceEvent:
    return tracking_pb2.PresenceEvent(
        sequence=sequence,
        kind=tracking_pb2.heartbeat,
        session_id=row.session_id,
        user_type=row.user_type,
        user_id=row.user_id,
        observed_at=timestamp(Instant(BASE + row.observed_after)) if is_stamped else None,
        connection_id=row.connection_id,
    )


def outcomes(caller: Principal, frame: tracking_pb2.StreamHeartbeatsRequest, next_sequence: int) -> list[Outcome]:
    """Read a frame, and accept its contents as a stream does: each number once, up to the first that is missing."""
    clock = SettableClock(NOW)
    reader = FrameReader(caller, clock, uuid4(), arrival_time=clock.now, backfill_limit=BACKFILL_LIMIT)
    accepted: list[Outcome] = []
    for content in reader.read(frame, next_sequence):
        for sequence, outcome in _numbered(content):
            if sequence > next_sequence:
                return accepted
            if sequence == next_sequence:
                accepted.append((sequence, outcome))
                next_sequence += 1
            else:
                assert not isinstance(content, NumberedHeartbeats)
    return accepted


def _numbered(content: NumberedHeartbeats | Numbered) -> Iterable[Outcome]:
    if isinstance(content, NumberedHeartbeats):
        for sequence, key, at, connection_id in content.rows():
            yield sequence, PresenceEvent(participant(key), EventKind.HEARTBEAT, Instant(at), connection_id)
    elif isinstance(content, Rejection):
        yield content.sequence, (content.error.reason, repr(vars(content.error)))
    else:
        assert isinstance(content, NumberedEvent)
        yield content.sequence, content.event._replace(reason=EndReason.CLOSED)


@settings(max_examples=thoroughly(200, thorough=3000))
@given(
    drawn=rows,
    caller=st.sampled_from(CALLERS),
    next_sequence=st.integers(1, 12),
    first_sequence=st.integers(1, 4),
    is_stamped=st.booleans(),
)
def test_a_frame_of_columns_is_read_as_a_batch_of_the_same_events(
    *, drawn: list[Row], caller: Principal, next_sequence: int, first_sequence: int, is_stamped: bool
) -> None:
    columns = tracking_pb2.StreamHeartbeatsRequest(
        heartbeats=column_frame(drawn, first_sequence, is_stamped=is_stamped)
    )
    batch = tracking_pb2.StreamHeartbeatsRequest(
        batch=tracking_pb2.PresenceEventBatch(
            events=(
                event_of(row, sequence, is_stamped=is_stamped) for sequence, row in enumerate(drawn, first_sequence)
            )
        )
    )
    assert outcomes(caller, columns, next_sequence) == outcomes(caller, batch, next_sequence)


def test_valid_rows_between_those_that_are_rejected_are_read_together() -> None:
    valid, invalid = Row(1, STUDENT, tracking_pb2.student, 0, "tab"), Row(0, STUDENT, tracking_pb2.student, 0, "")
    clock = SettableClock(NOW)
    reader = FrameReader(RELAYS, clock, uuid4(), arrival_time=clock.now, backfill_limit=BACKFILL_LIMIT)
    frame = tracking_pb2.StreamHeartbeatsRequest(heartbeats=column_frame([valid, valid, invalid, valid, valid]))
    contents = list(reader.read(frame, 1))
    assert [[sequence for sequence, _ in _numbered(content)] for content in contents] == [[1, 2], [3], [4, 5]]


def _too_many(frame: tracking_pb2.PresenceHeartbeats) -> None:
    for column in (frame.session_ids, frame.user_ids, frame.observed_after_microseconds, frame.connections):
        column.extend([1] * MAX_EVENTS_PER_BATCH)
    frame.user_types.extend([tracking_pb2.student] * MAX_EVENTS_PER_BATCH)


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("session_ids", _too_many),
        ("user_ids", lambda frame: frame.user_ids.append(1)),
        ("user_ids", lambda frame: frame.ClearField("user_ids")),
        ("user_types", lambda frame: frame.ClearField("user_types")),
        ("observed_at", lambda frame: frame.ClearField("observed_at")),
        ("observed_at", lambda frame: setattr(frame.observed_at, "nanos", -1)),
        ("observed_after_microseconds", lambda frame: frame.observed_after_microseconds.append(1)),
        ("connection_ids", lambda frame: frame.connection_ids.extend("ab")),
        ("connections", lambda frame: frame.connections.append(1)),
        ("connections", lambda frame: frame.connections.__setitem__(0, 2)),
        ("connections", lambda frame: frame.connections.__setitem__(0, -1)),
    ],
)
def test_columns_that_do_not_fit_together_end_the_stream(field: str, spoil: object) -> None:
    frame = column_frame([Row(1, STUDENT, tracking_pb2.student, 0, "tab")])
    assert callable(spoil)
    spoil(frame)
    with pytest.raises(InvalidArgument) as refused:
        outcomes(RELAYS, tracking_pb2.StreamHeartbeatsRequest(heartbeats=frame), 1)
    assert [violation.field for violation in refused.value.violations] == [f"heartbeats.{field}"]


def test_no_rows_end_the_stream() -> None:
    frame = tracking_pb2.StreamHeartbeatsRequest(heartbeats=tracking_pb2.PresenceHeartbeats())
    with pytest.raises(InvalidArgument):
        outcomes(RELAYS, frame, 1)


def test_numbers_of_many_connections_are_those_of_each() -> None:
    ids = ["tab", "phone", "x" * 64]
    assert connection_numbers(ids).tolist() == [connection_number(connection_id) for connection_id in ids]
    assert connection_numbers([]).tolist() == []

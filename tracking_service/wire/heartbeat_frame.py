"""Plain heartbeats that come as columns: read without an object for each (docs/streams.md#heartbeats-as-columns)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import Instant
from servicekit.errors import FieldViolation
from tracking_service.domain.heartbeat_columns import (
    USER_ID_BITS,
    USER_TYPE_BITS,
    HeartbeatColumns,
    Int64s,
    connection_numbers,
)
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.wire.event_reader import is_connection_id
from tracking_service.wire.fields import LATEST_TIMESTAMP, instant, refuse, timestamp

#: Added to any valid time, no more than this overflows. In microseconds; 36,000 years.
MAX_OBSERVED_AFTER: Final = 2**60


class ColumnsRead(NamedTuple):
    """The rows of a frame."""

    heartbeats: HeartbeatColumns
    connection_ids: dict[int, str]
    #: Positions of the rows that are no valid heartbeats, or too old. They have no meaning as columns.
    others: Int64s


class HeartbeatFrame:
    """One frame whose columns fit together."""

    __slots__ = ("_after", "_base", "_connections", "_message")

    def __init__(self, message: tracking_pb2.PresenceHeartbeats, *, max_rows: int, names_users: bool) -> None:
        """`names_users`: it must say whose heartbeats these are.

        Raises:
            InvalidArgument: with every column at fault.
        """
        self._message = message
        rows = len(message.session_ids)
        faults: list[FieldViolation] = []
        if not 1 <= rows <= max_rows:
            faults.append(FieldViolation("heartbeats.session_ids", f"must hold 1 to {max_rows} heartbeats"))
        columns = (
            ("user_ids", len(message.user_ids), not names_users),
            ("user_types", len(message.user_types), False),
            ("observed_after_microseconds", len(message.observed_after_microseconds), True),
            ("connections", len(message.connections), True),
        )
        if len(message.connection_ids) > rows:
            faults.append(FieldViolation("heartbeats.connection_ids", "must not be more than the heartbeats"))
        for name, length, may_be_empty in columns:
            if length != rows and (length or not may_be_empty):
                faults.append(FieldViolation(f"heartbeats.{name}", "must have one value for each of session_ids"))
        self._base = None
        if message.HasField("observed_at"):
            self._base = instant(message.observed_at, "heartbeats.observed_at", faults)
        elif message.observed_after_microseconds:
            faults.append(FieldViolation("heartbeats.observed_at", "must be set: the heartbeats happened after it"))
        refuse(faults)
        self._after = np.array(message.observed_after_microseconds or [0] * rows, np.int64)
        self._connections = np.array(message.connections or [0] * rows, np.int64)
        if self._connections.min() < 0 or self._connections.max() > len(message.connection_ids):
            refuse([FieldViolation("heartbeats.connections", "must be places in connection_ids, counted from 1")])

    def __len__(self) -> int:
        return len(self._message.session_ids)

    @property
    def first_sequence(self) -> int:
        """The number of the first row."""
        return self._message.first_sequence

    def columns(self, *, oldest: int, now: Instant) -> ColumnsRead:
        """Read a relay's heartbeats. What is older than `oldest` is refused; what lies in the future happens now."""
        message = self._message
        sessions = np.array(message.session_ids, np.int64)
        users = np.array(message.user_ids, np.int64)
        user_types = np.array(message.user_types, np.int64)
        is_student = user_types == tracking_pb2.student
        times, is_valid = self._times(oldest, now)
        is_valid &= (sessions > 0) & (users > 0) & (is_student | (user_types == tracking_pb2.tutor))
        names = [name for name in message.connection_ids if name and is_connection_id(name)]
        numbers = dict(zip(names, connection_numbers(names).tolist(), strict=True))
        # 0 stands for no connection, and here also for an id that is none.
        by_place = np.array([0, *(numbers.get(name, 0) for name in message.connection_ids)], np.uint32)
        if len(names) < len(message.connection_ids):
            is_bad = [False, *(bool(name) and name not in numbers for name in message.connection_ids)]
            is_valid &= ~np.array(is_bad, np.bool_)[self._connections]
        keys = ((sessions << USER_ID_BITS) | users) << USER_TYPE_BITS | is_student
        heartbeats = HeartbeatColumns(keys, times, by_place[self._connections])
        return ColumnsRead(heartbeats, {number: name for name, number in numbers.items()}, np.flatnonzero(~is_valid))

    def _times(self, oldest: int, now: Instant) -> tuple[Int64s, NDArray[np.bool_]]:
        """Return when the heartbeats happened, and which of them have a valid time."""
        if self._base is None:
            return np.full(len(self), now, np.int64), np.ones(len(self), np.bool_)
        is_valid = (self._after >= -MAX_OBSERVED_AFTER) & (self._after <= MAX_OBSERVED_AFTER)
        times = self._base + np.where(is_valid, self._after, 0)
        is_valid &= (times >= oldest) & (times <= LATEST_TIMESTAMP)
        return np.minimum(times, now), is_valid

    def event(self, row: int) -> tracking_pb2.PresenceEvent:
        """Return a row as an event."""
        message = self._message
        place = int(self._connections[row])
        return tracking_pb2.PresenceEvent(
            sequence=message.first_sequence + row,
            kind=tracking_pb2.heartbeat,
            session_id=message.session_ids[row],
            user_type=message.user_types[row],
            user_id=message.user_ids[row] if message.user_ids else None,
            observed_at=None if self._base is None else timestamp(Instant(self._base + int(self._after[row]))),
            connection_id=message.connection_ids[place - 1] if place else "",
        )

    def events(self) -> Iterator[tracking_pb2.PresenceEvent]:
        """Yield all rows as events."""
        return map(self.event, range(len(self)))


def numbered(read: ColumnsRead, first_sequence: int, start: int, end: int) -> NumberedHeartbeats:
    """Return the rows from `start` up to `end`; row 0 has the number `first_sequence`."""
    heartbeats = NumberedHeartbeats()
    sequences = np.arange(first_sequence + start, first_sequence + end)
    heartbeats.add_columns(sequences, read.heartbeats.between(start, end), read.connection_ids)
    return heartbeats

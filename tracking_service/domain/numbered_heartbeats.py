"""Plain heartbeats with their numbers, as they arrive: columns that grow, 28 bytes a row and no object for each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np

from servicekit.clock import Instant
from tracking_service.domain.heartbeat_columns import (
    NO_HEARTBEATS,
    HeartbeatColumns,
    Int64s,
    connection_number,
)

#: Of `array`: 64 bits with a sign, and 32 bits without.
_INT64, _UINT32 = "q", "I"


class NumberedHeartbeats:
    """Plain heartbeats of one stream or call, in the order of their numbers. See `HeartbeatColumns` for the columns."""

    __slots__ = ("_connections", "_keys", "_sequences", "_times", "connection_ids")

    def __init__(self) -> None:
        """Start empty."""
        self._sequences = array(_INT64)
        self._keys = array(_INT64)
        self._times = array(_INT64)
        self._connections = array(_UINT32)
        #: The ids of their connections, by number. 0, for no id, is not in it.
        self.connection_ids: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._sequences)

    @property
    def last_sequence(self) -> int:
        """The number of the last heartbeat. There must be one."""
        return self._sequences[-1]

    def add(self, sequence: int, key: int, at: Instant, connection_id: str) -> None:
        """Add a heartbeat; `key` is the participant's (`participant_key`)."""
        self._sequences.append(sequence)
        self._keys.append(key)
        self._times.append(at)
        self._connections.append(self._named(connection_id) if connection_id else 0)

    def add_rows(
        self, first_sequence: int, keys: Sequence[int], times: Sequence[Instant], connection_ids: Sequence[str]
    ) -> None:
        """Add some, numbered without a gap."""
        if len(keys) == 1:
            # Many streams send one at a time, for which extending four columns costs three times as much.
            self.add(first_sequence, keys[0], times[0], connection_ids[0])
            return
        self._sequences.extend(range(first_sequence, first_sequence + len(keys)))
        self._keys.extend(keys)
        self._times.extend(times)
        for connection_id in connection_ids:
            self._connections.append(self._named(connection_id) if connection_id else 0)

    def add_columns(self, sequences: Int64s, columns: HeartbeatColumns, connection_ids: dict[int, str]) -> None:
        """Add many, with the ids of all their connections."""
        self._sequences.frombytes(sequences.tobytes())
        self._keys.frombytes(columns.keys.tobytes())
        self._times.frombytes(columns.times.tobytes())
        self._connections.frombytes(columns.connections.tobytes())
        self.connection_ids.update(connection_ids)

    def extend(self, others: NumberedHeartbeats) -> None:
        """Add those of another part, whose numbers are higher."""
        self._sequences += others._sequences
        self._keys += others._keys
        self._times += others._times
        self._connections += others._connections
        self.connection_ids.update(others.connection_ids)

    def sequences(self) -> Int64s:
        """Return their numbers. While the result is in use, nothing can be added."""
        return np.frombuffer(self._sequences, np.int64)

    def columns(self) -> HeartbeatColumns:
        """Return what they say. While the result is in use, nothing can be added."""
        if not self:
            return NO_HEARTBEATS
        return HeartbeatColumns(
            np.frombuffer(self._keys, np.int64),
            np.frombuffer(self._times, np.int64),
            np.frombuffer(self._connections, np.uint32),
        )

    def rows(self) -> Iterator[tuple[int, int, int, str]]:
        """Yield each one's number, participant's key, time and connection id."""
        ids = self.connection_ids
        for sequence, key, at, number in zip(self._sequences, self._keys, self._times, self._connections, strict=True):
            yield sequence, key, at, ids.get(number, "")

    def _named(self, connection_id: str) -> int:
        number = connection_number(connection_id)
        self.connection_ids[number] = connection_id
        return number

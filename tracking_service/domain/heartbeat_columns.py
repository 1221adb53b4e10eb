"""Plain heartbeats as columns: nearly every event is one, and there may be hundreds of thousands a second.

A plain heartbeat says that a participant's connection was alive at a time, and nothing else. As numpy columns they cost
the service a tenth of what an object for each of them does, from the message to the journal and to the fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType

#: PostgreSQL's integers are positive in 31 bits, so that a key fits into its bigint.
USER_ID_BITS = 31
USER_TYPE_BITS = 1
SESSION_SHIFT = USER_ID_BITS + USER_TYPE_BITS
USER_ID_MASK = (1 << USER_ID_BITS) - 1
_USER_TYPES = (UserType.TUTOR, UserType.STUDENT)
#: The first bytes of a digest tell the connections of one participant apart.
_NUMBER_BYTES = 4
_DIGEST_BYTES = 32
_BIG_ENDIAN = np.dtype(f">u{_NUMBER_BYTES}")

Int64s = NDArray[np.int64]
Uint32s = NDArray[np.uint32]
#: Connection ids by their numbers.
ConnectionIds = Mapping[int, str]
NO_CONNECTION_IDS: ConnectionIds = MappingProxyType({})


class HeartbeatColumns(NamedTuple):
    """Plain heartbeats, one per row, in any order."""

    #: See `participant_key`.
    keys: Int64s
    #: Microseconds since the epoch.
    times: Int64s
    #: See `connection_number`.
    connections: Uint32s

    def __len__(self) -> int:
        return len(self.keys)

    def between(self, start: int, end: int) -> HeartbeatColumns:
        """Return the rows from one position up to another, without copying them."""
        return HeartbeatColumns(self.keys[start:end], self.times[start:end], self.connections[start:end])

    def selected(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> HeartbeatColumns:
        """Return some of the rows, chosen by a mask or by their positions."""
        return HeartbeatColumns(self.keys[rows], self.times[rows], self.connections[rows])


class Extensions(NamedTuple):
    """By how much the open intervals of participants grow: heartbeats of one connection, none later than the timeout.

    Columns of equal length; keys ascend, and each is there once.
    """

    keys: Int64s
    first_at: Int64s
    last_at: Int64s
    connections: Uint32s


NO_HEARTBEATS = HeartbeatColumns(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint32))


def participant_key(session_id: int, user_id: int, *, is_student: bool) -> int:
    """Return a participant as one number: it sorts by session, user and role."""
    return ((session_id << USER_ID_BITS) | user_id) << USER_TYPE_BITS | is_student


def participant(key: int) -> Participant:
    """Return the participant of a key."""
    user_id = key >> USER_TYPE_BITS & USER_ID_MASK
    return Participant(WhiteboardSessionId(key >> SESSION_SHIFT), UserId(user_id), _USER_TYPES[key & 1])


def key_of(participant: Participant) -> int:
    """Return the key of a participant."""
    session_id, user_id, user_type = participant
    return participant_key(session_id, user_id, is_student=user_type is UserType.STUDENT)


def session_ids(keys: Int64s) -> Int64s:
    """Return the whiteboard sessions of participants."""
    return keys >> SESSION_SHIFT


@lru_cache(maxsize=4096)
def connection_number(connection_id: str) -> int:
    """Return the number of a connection: the first four bytes of the SHA-256 of its id, as PostgreSQL computes it.

    0 is the empty id. `tracking_service.store.heartbeat_update` computes the same.
    """
    return int.from_bytes(hashlib.sha256(connection_id.encode()).digest()[:_NUMBER_BYTES]) if connection_id else 0


def connection_numbers(connection_ids: Sequence[str]) -> Uint32s:
    """Return the numbers of connections; none of the ids is empty."""
    digests = b"".join([hashlib.sha256(connection_id.encode()).digest() for connection_id in connection_ids])
    return np.frombuffer(digests, _BIG_ENDIAN)[:: _DIGEST_BYTES // _NUMBER_BYTES].astype(np.uint32)


def together(parts: Iterable[HeartbeatColumns]) -> HeartbeatColumns:
    """Return the rows of all parts, in their order."""
    columns = tuple(zip(*parts, strict=True))
    return HeartbeatColumns(*map(np.concatenate, columns)) if columns else NO_HEARTBEATS


def extensions(heartbeats: HeartbeatColumns, timeout: int) -> tuple[Extensions, Int64s]:
    """Join the heartbeats of each participant to one extension.

    Also return the keys of participants for whom that can't be done, because they used several connections or were
    silent for longer than the timeout (in microseconds). They have no extension.
    """
    if not len(heartbeats):
        return Extensions(heartbeats.keys, heartbeats.times, heartbeats.times, heartbeats.connections), heartbeats.keys
    rows = heartbeats.selected(np.lexsort((heartbeats.times, heartbeats.keys)))
    is_first = np.concatenate(([True], rows.keys[1:] != rows.keys[:-1]))
    is_broken = np.zeros(len(rows), np.bool_)
    is_broken[1:] = ~is_first[1:] & (
        (rows.times[1:] - rows.times[:-1] > timeout) | (rows.connections[1:] != rows.connections[:-1])
    )
    starts = np.flatnonzero(is_first)
    ends = np.append(starts[1:], len(rows)) - 1
    is_whole = ~np.logical_or.reduceat(is_broken, starts)
    first, last = starts[is_whole], ends[is_whole]
    whole = Extensions(rows.keys[first], rows.times[first], rows.times[last], rows.connections[first])
    return whole, rows.keys[starts[~is_whole]]

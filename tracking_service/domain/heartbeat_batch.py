"""Plain heartbeats as columns, for the fast path that nearly every heartbeat takes.

A plain heartbeat of a participant's only open connection, within the presence timeout of the last sign of life, moves
the end of the open interval and does nothing else (docs/presence.md#intervals). PostgreSQL checks that for all
participants of a flush in one statement (`tracking_service.store.heartbeat_update`) and returns the others,
whose heartbeats take the general path, through `tracking_service.domain.presence`. Since facts are a function of the
set of events, it does not matter that some events of a flush are applied before others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType

#: PostgreSQL's integers are positive in 31 bits, so that a key fits into its bigint.
USER_ID_BITS = 31
USER_TYPE_BITS = 1
_USER_TYPES = (UserType.TUTOR, UserType.STUDENT)
USER_ID_MASK = (1 << USER_ID_BITS) - 1


class PlainHeartbeat(NamedTuple):
    """A heartbeat that is only a sign of life."""

    sequence: int
    #: See `participant_key`.
    participant_key: int
    at: Instant
    connection_id: str


class HeartbeatColumns(NamedTuple):
    """Heartbeats of many participants, as columns of equal length.

    A row stands for heartbeats of one connection, each within the timeout of the one before.
    """

    #: Ascending, each once: the order in which rows are locked, so that replicas do not deadlock.
    participant_keys: Sequence[int]
    first_at: Sequence[Instant]
    last_at: Sequence[Instant]
    connection_ids: Sequence[str]


class _Row(NamedTuple):
    participant_key: int
    first_at: Instant
    last_at: Instant
    connection_id: str


NO_HEARTBEATS = HeartbeatColumns((), (), (), ())


def participant_key(session_id: int, user_id: int, *, is_student: bool) -> int:
    """Return a participant as one number: it hashes fast, and sorts in the order in which rows are locked."""
    return ((session_id << USER_ID_BITS) | user_id) << USER_TYPE_BITS | is_student


def participant(key: int) -> Participant:
    """Return the participant of a key."""
    user = key >> USER_TYPE_BITS
    session_id = WhiteboardSessionId(user >> USER_ID_BITS)
    return Participant(session_id, UserId(user & USER_ID_MASK), _USER_TYPES[key & 1])


def as_event(heartbeat: PlainHeartbeat) -> PresenceEvent:
    """Return the heartbeat as an ordinary event."""
    return PresenceEvent(
        participant(heartbeat.participant_key), EventKind.HEARTBEAT, heartbeat.at, heartbeat.connection_id
    )


def coalesce(heartbeats: Sequence[PlainHeartbeat], timeout: int) -> tuple[HeartbeatColumns, list[PlainHeartbeat]]:
    """Make one row per participant, and return the heartbeats that do not fit into it separately.

    `timeout` is in microseconds.
    """
    # In one flush nearly every participant has one heartbeat. Columns cost a third of a row object per heartbeat.
    if heartbeats and len({heartbeat[1] for heartbeat in heartbeats}) == len(heartbeats):
        _, keys, timestamps, connection_ids = zip(*sorted(heartbeats, key=itemgetter(1)), strict=True)
        return HeartbeatColumns(keys, timestamps, timestamps, connection_ids), []
    return _coalesce_repeated(heartbeats, timeout)


def split_by_session(columns: HeartbeatColumns) -> tuple[HeartbeatColumns, HeartbeatColumns]:
    """Divide rows by the parity of their sessions: no session is in both parts, and either may be empty."""
    odd = [key >> USER_ID_BITS + USER_TYPE_BITS & 1 for key in columns.participant_keys]
    return _selected(columns, [not is_odd for is_odd in odd]), _selected(columns, odd)


def of_participants(heartbeats: Iterable[PlainHeartbeat], keys: Collection[int]) -> list[PlainHeartbeat]:
    """Return the heartbeats of some participants."""
    return [heartbeat for heartbeat in heartbeats if heartbeat.participant_key in keys]


def _selected(columns: HeartbeatColumns, selectors: Sequence[int]) -> HeartbeatColumns:
    last_at = tuple(compress(columns.last_at, selectors))
    return HeartbeatColumns(
        tuple(compress(columns.participant_keys, selectors)),
        last_at if columns.first_at is columns.last_at else tuple(compress(columns.first_at, selectors)),
        last_at,
        tuple(compress(columns.connection_ids, selectors)),
    )


def _coalesce_repeated(
    heartbeats: Iterable[PlainHeartbeat], timeout: int
) -> tuple[HeartbeatColumns, list[PlainHeartbeat]]:
    rows: dict[int, _Row] = {}
    others: list[PlainHeartbeat] = []
    for heartbeat in heartbeats:
        _, key, at, connection_id = heartbeat
        row = rows.get(key)
        if row is None:
            rows[key] = _Row(key, at, at, connection_id)
        elif row.first_at <= at <= row.last_at + timeout and row.connection_id == connection_id:
            if at > row.last_at:
                rows[key] = _Row(key, row.first_at, at, connection_id)
        else:
            others.append(heartbeat)
    return (HeartbeatColumns(*zip(*sorted(rows.values()), strict=True)) if rows else NO_HEARTBEATS), others

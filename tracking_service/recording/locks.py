"""Locks everything that is known of some sessions, in the order that all transactions of all replicas keep."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from servicekit.errors import StorageConflict
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.presence import Presences
from tracking_service.store import presence_intervals, whiteboard_sessions
from tracking_service.store.whiteboard_sessions import Members

#: SQLSTATE of a lock that was not granted at once.
_LOCK_NOT_AVAILABLE = "55P03"


class LockedElsewhere(StorageConflict):
    """Another transaction has locked a row, and to wait for it could be a deadlock."""


class LockedSessions(NamedTuple):
    """Sessions that no other transaction changes now."""

    #: Unknown sessions are missing.
    members: Mapping[WhiteboardSessionId, Members]
    #: All who were ever present in them.
    presences: Presences


def lock_sessions(
    connection: Connection, session_ids: Collection[WhiteboardSessionId], *, may_wait: bool = True
) -> LockedSessions:
    """Lock the open intervals of sessions, then the sessions.

    It may wait for other transactions if this one has locked no other intervals or sessions yet.

    Raises:
        LockedElsewhere: it may not wait, and would have to. The transaction has to be repeated.
    """
    with nullcontext() if may_wait else _without_waiting():
        locked = presence_intervals.lock_open(connection, session_ids, may_wait=may_wait)
        members = whiteboard_sessions.lock(connection, session_ids, may_wait=may_wait)
    presences = presence_intervals.load(connection, session_ids)
    if sum(presence.last is not None and presence.last.is_open for presence in presences.values()) > locked:
        # Another transaction opened intervals before this one had the sessions. Plain heartbeats may have locked one
        # since, and wait for its session.
        with _without_waiting():
            presence_intervals.lock_open(connection, session_ids, may_wait=False)
    return LockedSessions(members, presences)


@contextmanager
def _without_waiting() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == _LOCK_NOT_AVAILABLE:
            raise LockedElsewhere from error
        raise

"""Notices who was taken off a whiteboard session (docs/presence.md#who-may-be-present)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.store import membership_changes, session_groups
from tracking_service.store.membership_changes import Changes, TransactionId
from tracking_service.store.shards import grouping_of

#: Half of the time for which changes are kept at least: who did not look for longer may have missed some.
MAX_TIME_BETWEEN_LOOKS = timedelta(minutes=30)
#: Where facts are in the shards of several servers: who is taken off a whiteboard is present for so long still.
TIME_BETWEEN_LOOKS_AT_ALL = timedelta(seconds=20)
#: If more sessions changed at once, it costs less to look everybody up again than to look for those sessions.
MAX_SESSIONS = 10_000


class Noticed(NamedTuple):
    """What was found at a look."""

    found: Changes
    #: The sessions in which others take part now; None: that is not known, it may be any.
    sessions: frozenset[WhiteboardSessionId] | None


class MembershipFollower:
    """Blocking. Each replica follows the changes by itself."""

    def __init__(self, database: Database) -> None:
        """Nothing is known before the first look."""
        self._database = database
        self._last: Changes | None = None
        self._ended_before: TransactionId | None = None

    def look(self) -> Noticed:
        """Return what changed since the last look that was dealt with; StorageUnavailable."""
        last = self._last
        with self._database.transaction() as connection:
            if grouping_of(connection).is_distributed:
                return self._look_at_all(session_groups.time(connection))
            found = membership_changes.read(connection, last, max_sessions=MAX_SESSIONS + 1)
        is_gap = last is None or found.read_at - last.read_at > MAX_TIME_BETWEEN_LOOKS
        return Noticed(found, None if is_gap or len(found.sessions) > MAX_SESSIONS else found.sessions)

    def _look_at_all(self, now: datetime) -> Noticed:
        """Each worker numbers its transactions itself, so nobody knows which changes are new."""
        if self._last is not None and now - self._last.read_at < TIME_BETWEEN_LOOKS_AT_ALL:
            return Noticed(self._last, frozenset())
        return Noticed(Changes(now, 0, frozenset(), frozenset()), None)

    def has_dealt_with(self, noticed: Noticed) -> None:
        """Do not return these changes again."""
        self._last = noticed.found

    def delete_old(self) -> int:
        """Delete the changes that had been made before the last call, and return how many there were.

        Called every hour, so every replica that looked meanwhile has seen them.
        """
        ended_before, self._ended_before = self._ended_before, self._last and self._last.running_since
        if ended_before is None:
            return 0
        with self._database.transaction() as connection:
            return membership_changes.delete(connection, ended_before)

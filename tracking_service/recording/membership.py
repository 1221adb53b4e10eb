"""Notices who was taken off a whiteboard session (docs/presence.md#who-may-be-present)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.store import membership_changes
from tracking_service.store.membership_changes import Changes, ShardId, TransactionId
from tracking_service.store.shards import ShardServers, SilentServers

#: Half of the time for which changes are kept at least: who did not look for longer may have missed some.
MAX_TIME_BETWEEN_LOOKS = timedelta(minutes=30)
#: If more sessions changed at once, it costs less to look everybody up again than to look for those sessions.
MAX_SESSIONS = 10_000


class Noticed(NamedTuple):
    """What was found at a look."""

    found: Mapping[ShardId, Changes]
    #: The sessions in which others take part now; None: that is not known, it may be any.
    sessions: frozenset[WhiteboardSessionId] | None


class MembershipFollower:
    """Blocking. Each replica follows the changes by itself."""

    def __init__(self, database: Database, silent: SilentServers | None = None) -> None:
        """Nothing is known before the first look; `silent` is what others found out about the servers of shards."""
        self._servers = ShardServers(database, silent)
        self._last: Mapping[ShardId, Changes] = {}
        self._ended_before: Mapping[ShardId, TransactionId] = {}

    def look(self) -> Noticed:
        """Return what changed since the last look that was dealt with; StorageUnavailable."""
        found = membership_changes.read(self._servers, self._last, max_sessions=MAX_SESSIONS + 1)
        is_gap = any(
            shard not in self._last or changes.read_at - self._last[shard].read_at > MAX_TIME_BETWEEN_LOOKS
            for shard, changes in found.items()
        )
        sessions = frozenset[WhiteboardSessionId]().union(*(changes.sessions for changes in found.values()))
        # Of shards that do not answer now, more is found when they do.
        known = {**self._last, **found}
        return Noticed(known, None if is_gap or len(sessions) > MAX_SESSIONS else sessions)

    def has_dealt_with(self, noticed: Noticed) -> None:
        """Do not return these changes again."""
        self._last = noticed.found

    def delete_old(self) -> int:
        """Delete the changes that had been made before the last call, and return how many there were.

        Called every hour, so every replica that looked meanwhile has seen them.
        """
        ended_before = self._ended_before
        self._ended_before = {shard: changes.running_since for shard, changes in self._last.items()}
        if not ended_before:
            return 0
        return membership_changes.delete(self._servers, ended_before)

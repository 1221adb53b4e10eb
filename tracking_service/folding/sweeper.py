"""Closes intervals that no event will close.

Those that are silent, so that the documented columns and the log show it (docs/presence.md#silent-intervals), and those
of users who do not take part in the session any more (docs/presence.md#who-may-be-present).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from servicekit.clock import Clock, Instant, seconds
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.domain.presence import Presence, close, time_out
from tracking_service.folding.facts import save
from tracking_service.folding.fold import Folder
from tracking_service.store import (
    heartbeat_streams,
    intervals_to_close,
    presence_intervals,
    session_groups,
    whiteboard_sessions,
)
from tracking_service.store.shards import ShardServers

#: Sessions closed in one transaction: their locks hold up heartbeats of the same sessions for some 50 ms.
MAX_SESSIONS_PER_SWEEP = 500
#: Silent intervals that are found at once. To find some of a million takes a fifth of a second, or to find none; to
#: close so many takes a second.
MAX_INTERVALS_PER_SEARCH = 10_000
#: Relays resume a stream within minutes; two days cover an outage over a weekend's night shift.
STREAM_LIFETIME_HOURS = 48


class Sweeper:
    """Blocking. Several replicas may sweep at once: the second one finds nothing left to close."""

    def __init__(self, database: Database, clock: Clock, folder: Folder, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._servers = ShardServers(database, folder.silent)
        self._clock = clock
        self._folder = folder
        self._timeout = timeout

    def find_silent(self) -> Sequence[WhiteboardSessionId]:
        """Return some sessions with an interval to close, or none if none is left. Reads all open intervals.

        They may be more than `MAX_SESSIONS_PER_SWEEP`.
        """
        silent_since = self._silent_since()
        most = MAX_INTERVALS_PER_SEARCH
        if self._servers.grouping().is_distributed:
            return intervals_to_close.sessions_with_silence_in_shards(self._servers, silent_since, most)
        with self._database.transaction() as connection:
            return intervals_to_close.sessions_with_silence(connection, silent_since, most)

    def close(self, silent: Collection[WhiteboardSessionId]) -> int:
        """Close the silent intervals of these sessions, and return of how many participants."""
        # Nobody is silent who gave a sign of life that is in the journal by now.
        now = self._clock.now()
        self._folder.fold_sessions(silent)
        return self._close(silent, lambda presence, _is_member: time_out(presence, now, self._timeout))

    def find_others(self) -> Sequence[WhiteboardSessionId]:
        """Return some sessions in which users are present who do not take part any more, or none if none is left.

        Reads all open intervals, and their sessions.
        """
        return intervals_to_close.sessions_with_others(self._servers, MAX_SESSIONS_PER_SWEEP)

    def close_others(self, session_ids: Collection[WhiteboardSessionId]) -> int:
        """Close the intervals of users who do not take part in these sessions any more; return of how many users.

        Their next events find no open interval, so they are checked like first ones, and rejected.
        """
        # No heartbeat of before is folded again later, which would take back that a user is not present any more.
        self._folder.fold(set(map(self._folder.grouping().group_of, session_ids)), skip_locked=False)
        return self._close(session_ids, lambda presence, is_member: presence if is_member else close(presence))

    def expire_streams(self) -> int:
        """Delete streams that were unused for 48 hours and return how many there were."""
        with self._database.transaction() as connection:
            return heartbeat_streams.expire(connection, STREAM_LIFETIME_HOURS)

    def _silent_since(self) -> Sequence[Instant]:
        """Return for each group since when who gave no sign of life is silent."""
        now = self._clock.now()
        grouping = self._folder.grouping()
        # Nobody is silent whose server can't be asked.
        silent_since = dict.fromkeys(ALL_GROUPS, Instant(0))
        for groups in grouping.by_server(ALL_GROUPS):
            try:
                ages = self._folder.ages(groups)
            except StorageUnavailable:
                if not grouping.is_distributed:
                    raise
                continue
            # A group that is folded less far may hold later signs of life in the journal.
            for group, age in zip(groups, ages, strict=True):
                silent_since[group] = Instant(now - seconds(age.lag_seconds) - self._timeout)
        return list(silent_since.values())

    def _close(self, session_ids: Collection[WhiteboardSessionId], closed: Callable[[Presence, bool], Presence]) -> int:
        """Save what `closed` changes of each participant's presence, and return of how many.

        It also gets whether they take part.
        """
        grouping = self._folder.grouping()
        return sum(self._close_in_shard(own, closed) for own in grouping.sessions_by_shard(session_ids))

    def _close_in_shard(
        self, session_ids: Collection[WhiteboardSessionId], closed: Callable[[Presence, bool], Presence]
    ) -> int:
        with self._database.transaction() as connection:
            session_groups.lock(connection, map(self._folder.grouping().group_of, session_ids))
            members = whiteboard_sessions.members_of(connection, session_ids)
            before = presence_intervals.load(connection, session_ids)
            after = {
                participant: changed
                for participant, presence in before.items()
                if (changed := closed(presence, members[participant.session_id].include(participant))) is not presence
            }
            save(connection, before, after, [])
            return len(after)

"""Keeps sessions that are watched folded, from second to second (docs/streams.md#folding)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from servicekit.clock import Clock
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.folding.facts import record_pending
from tracking_service.folding.fold import Folder
from tracking_service.folding.reading import Reading, read
from tracking_service.store import journal, session_groups
from tracking_service.store.journal import WriterId
from tracking_service.store.session_groups import NOTHING, Position, ReadGroups, SessionGroup

#: After a longer pause, as when nobody watched, the folder knows better where to begin.
MAX_PAUSE = timedelta(seconds=30)


class WatchedSessions:
    """Reads each record of the journal once, and folds of it what is of these sessions. Blocking, one call at a time.

    Under load a group is folded once a minute. To read all that waits for its turn, for some sessions and each second,
    would take much more than to read what was appended in that second.
    """

    def __init__(self, database: Database, clock: Clock, folder: Folder, *, timeout: int) -> None:
        """No session is watched yet; `timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._folder = folder
        self._timeout = timeout
        #: Those of which everything was folded that was appended before the last reading.
        self._followed: frozenset[WhiteboardSessionId] = frozenset()
        #: Up to which number of each writer records were read, and when.
        self._read: Mapping[WriterId, int] = {}
        self._read_at: datetime | None = None

    def fold(self, sessions: Collection[WhiteboardSessionId]) -> set[WhiteboardSessionId]:
        """Fold what is in the journal of sessions; of those of the last call, only what was appended since.

        Return the sessions of shards whose servers do not answer.
        """
        watched = frozenset(sessions)
        with self._database.transaction() as connection:
            now, written = _appended(connection)
        if self._read_at is None or now - self._read_at > MAX_PAUSE:
            unanswered = self._folder.fold_what_answers(watched)
            self._read, self._read_at = written, now
        else:
            unanswered = set()
            while not self._fold_next((watched & self._followed) - unanswered, unanswered):
                pass
            # Of those that are new, what was appended before, too. It comes last: the next reading begins before it, so
            # nothing of them is left out.
            unanswered |= self._folder.fold_what_answers(watched - self._followed)
        # Of the others everything is folded once their servers answer, as if they were new.
        self._followed = watched - unanswered
        return unanswered

    def _fold_next(self, sessions: Collection[WhiteboardSessionId], unanswered: set[WhiteboardSessionId]) -> bool:
        """Fold what was appended since the last reading, or a part of it; return whether that is everything.

        Sessions whose servers do not answer are added to `unanswered`.
        """
        with self._database.transaction() as connection:
            reading = self._read_new(connection)
        # The events of a group are folded in their order, together with those of its other sessions.
        with_events = reading.records.pending(reading.groups, sessions).sessions_with_events & set(sessions)
        unanswered |= self._folder.fold_what_answers(with_events)
        unanswered |= self._extend(reading, set(sessions) - with_events)
        self._read = reading.until
        if reading.is_complete:
            self._read_at = reading.read_at
        return reading.is_complete

    def _read_new(self, connection: Connection) -> Reading:
        """Read as if everything that was read before were folded."""
        now = session_groups.time(connection)
        positions = {writer_id: Position(number, number) for writer_id, number in self._read.items()}
        groups = [SessionGroup(number, positions, self._read_at or now) for number in ALL_GROUPS]
        return read(connection, self._clock, ReadGroups(groups, now, self._folder.grouping()), in_parts=True)

    def _extend(self, reading: Reading, sessions: Collection[WhiteboardSessionId]) -> set[WhiteboardSessionId]:
        """Fold the heartbeats that were read; positions stay, since those of other sessions are still to be folded.

        Return the sessions of shards whose servers do not answer.
        """
        unanswered = set[WhiteboardSessionId]()
        found = reading.records.pending(reading.groups, sessions, with_events=False)
        if not found.size:
            return unanswered
        grouping = self._folder.grouping()
        for groups in grouping.by_shard(set(map(grouping.group_of, found.sessions_with_heartbeats))):
            try:
                self._extend_shard(reading, sessions, groups)
            except StorageUnavailable:
                if not grouping.is_distributed:
                    raise
                unanswered.update(one for one in sessions if grouping.group_of(one) in groups)
        return unanswered

    def _extend_shard(
        self, reading: Reading, sessions: Collection[WhiteboardSessionId], groups: Collection[int]
    ) -> None:
        with self._folder.asking(groups) as connection:
            # What was folded meanwhile is not folded again: its user may have been taken off the session since.
            locked = [_after(group, self._read) for group in session_groups.lock(connection, groups)]
            found = reading.records.pending(locked, sessions, with_events=False)
            instruments = self._folder.instruments
            record_pending(connection, found, now=reading.as_of, timeout=self._timeout, instruments=instruments)


def _after(group: SessionGroup, read: Mapping[WriterId, int]) -> SessionGroup:
    """Return a group as if it were folded up to what was read earlier, too."""
    earlier = {
        writer_id: Position(number, max(number, group.positions.get(writer_id, NOTHING).heartbeats))
        for writer_id, number in read.items()
    }
    return group._replace(positions={**group.positions, **earlier})


def _appended(connection: Connection) -> tuple[datetime, Mapping[WriterId, int]]:
    """Return a time, and the number of every writer's last flush after it."""
    return session_groups.time(connection), journal.last_records(connection)

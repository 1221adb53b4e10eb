"""Makes facts of what is in the journal (docs/streams.md#folding)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy.engine import Connection

from servicekit.clock import Clock, Instant
from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import EventKind, Participant, PresenceEvent
from tracking_service.domain.heartbeat_columns import (
    ConnectionIds,
    HeartbeatColumns,
    connection_number,
    extensions,
    session_ids,
    together,
)
from tracking_service.domain.heartbeat_columns import (
    participant as participant_of,
)
from tracking_service.domain.journal import GROUPS, Source, buckets_of, group_of
from tracking_service.domain.presence import NEVER_PRESENT, Presences
from tracking_service.domain.presence_spans import union_duration
from tracking_service.folding.facts import record_events
from tracking_service.folding.pending import Pending, pending
from tracking_service.store import journal, presence_intervals, session_groups, whiteboard_sessions
from tracking_service.store.heartbeat_update import extend
from tracking_service.store.journal import WriterId, wanted_records
from tracking_service.store.session_groups import NOTHING, Position, ReadGroups, SessionGroup

ALL_GROUPS = range(GROUPS)


class Folder:
    """Blocking. Any number of processes may fold: each group is folded by one at a time."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout

    def fold(self, groups: Collection[int] = ALL_GROUPS, *, skip_locked: bool = True) -> int:
        """Fold everything that is in the journal of some groups, and return how many heartbeats and events it was.

        With `skip_locked`, groups that another transaction has locked are left to it.
        """
        with self._database.transaction() as connection:
            return self._fold(connection, session_groups.lock(connection, groups, skip_locked=skip_locked))

    def fold_sessions(self, sessions: Collection[WhiteboardSessionId]) -> None:
        """Fold what is in the journal of some sessions, so that what is read afterwards is complete."""
        groups = {group_of(session_id) for session_id in sessions}
        with self._database.transaction() as connection:
            # Commonly there is nothing, and no lock is needed to see that.
            unlocked = session_groups.read(connection, groups)
            if not len(_read(connection, unlocked, journal.last_records(connection), sessions)):
                return
        with self._database.transaction() as connection:
            self.lock_and_fold(connection, sessions)

    def total_active(self, participant: Participant) -> int:
        """Return all presence of a participant in microseconds, with what is in the journal."""
        self.fold_sessions({participant.session_id})
        with self._database.transaction() as connection:
            presences = presence_intervals.load(connection, {participant.session_id})
        known = presences.get(participant, NEVER_PRESENT)
        return union_duration(interval.span for interval in known.intervals)

    def lock_and_fold_groups(self, connection: Connection, groups: Collection[int]) -> None:
        """Fold everything of some groups in a transaction that goes on.

        No heartbeat of before is folded again later, which would take back that a user is not present any more.
        """
        self._fold(connection, session_groups.lock(connection, groups))

    def lock_and_fold(self, connection: Connection, sessions: Collection[WhiteboardSessionId]) -> None:
        """Do the same in a transaction that goes on, and changes facts of these sessions itself."""
        locked = session_groups.lock(connection, {group_of(session_id) for session_id in sessions})
        written = journal.last_records(connection)
        self._apply(connection, _read(connection, locked, written, sessions))
        # Heartbeats of the groups' other sessions are still to be folded.
        moved = [_moved(group, written, only_events=True) for group in locked.groups]
        session_groups.move(connection, moved, folded_at=None)

    def _fold(self, connection: Connection, locked: ReadGroups) -> int:
        if locked.now is None:
            return 0
        written = journal.last_records(connection)
        found = _read(connection, locked, written)
        self._apply(connection, found)
        moved = [_moved(group, written) for group in locked.groups]
        session_groups.move(connection, moved, folded_at=locked.now)
        return len(found)

    def _apply(self, connection: Connection, found: Pending) -> None:
        """Extend open intervals by plain heartbeats, and record everything else by the full rules."""
        whole, several = extensions(together(found.heartbeats.values()), self._timeout)
        remaining = np.union1d(several, extend(connection, whole, self._timeout))
        sessions = {WhiteboardSessionId(number) for number in session_ids(remaining).tolist()}
        sessions |= {event.participant.session_id for events in found.events.values() for event in events}
        # The platform may have deleted one that had no facts yet. Nothing can be recorded of it.
        sessions = whiteboard_sessions.existing(connection, sessions)
        if not sessions:
            return
        remaining = remaining[np.isin(session_ids(remaining), sorted(sessions))]
        before = presence_intervals.load(connection, sessions)
        ids = {**_remembered_ids(before), **found.connection_ids}
        by_source: dict[Source, list[PresenceEvent]] = {source: [] for source in found.sources}
        for source, heartbeats in found.heartbeats.items():
            by_source[source] += _as_events(heartbeats.selected(np.isin(heartbeats.keys, remaining)), ids)
        for source, events in found.events.items():
            by_source[source] += [event for event in events if event.participant.session_id in sessions]
        record_events(connection, before, by_source, now=self._clock.now(), timeout=self._timeout)


def _read(
    connection: Connection,
    groups: ReadGroups,
    written: Mapping[WriterId, int],
    sessions: Collection[WhiteboardSessionId] | None = None,
) -> Pending:
    """Read what the groups have not folded yet; of some sessions, if they are named (see `pending`)."""
    if groups.now is None:
        return pending((), ())
    # To fold heartbeats moves both positions, so the one of heartbeats is the earlier one.
    positions = {
        group.number: {writer_id: position.heartbeats for writer_id, position in group.positions.items()}
        for group in groups.groups
    }
    buckets = {group.number: buckets_of(group.number) for group in groups.groups}
    since = min(group.folded_at for group in groups.groups)
    wanted = wanted_records(positions, buckets, written)
    return pending(journal.read(connection, wanted, since=since, now=groups.now), groups.groups, sessions)


def _moved(group: SessionGroup, written: Mapping[WriterId, int], *, only_events: bool = False) -> SessionGroup:
    """Return the group with the positions up to which it is folded now. Writers that are gone are left out."""
    return group._replace(
        positions={
            writer_id: Position(number, group.positions.get(writer_id, NOTHING).heartbeats if only_events else number)
            for writer_id, number in written.items()
        }
    )


def _remembered_ids(presences: Presences) -> ConnectionIds:
    """Return the ids of connections that participants have had open, by number."""
    return {
        connection_number(connection_id): connection_id
        for presence in presences.values()
        for connection_id in presence.connections
    }


def _as_events(heartbeats: HeartbeatColumns, ids: ConnectionIds) -> list[PresenceEvent]:
    """Return heartbeats as ordinary events. A connection whose id nobody knows is called by its number."""
    rows = zip(heartbeats.keys.tolist(), heartbeats.times.tolist(), heartbeats.connections.tolist(), strict=True)
    return [
        PresenceEvent(
            participant_of(key), EventKind.HEARTBEAT, Instant(at), ids.get(number, f"#{number}") if number else ""
        )
        for key, at, number in rows
    ]

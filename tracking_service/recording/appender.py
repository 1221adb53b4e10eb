"""Appends the events of many streams and calls to the journal, in one transaction (docs/streams.md#journal)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.errors import StorageConflict
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.heartbeat_batch import PlainHeartbeat
from tracking_service.domain.heartbeat_columns import (
    NO_CONNECTION_IDS,
    NO_HEARTBEATS,
    ConnectionIds,
    HeartbeatColumns,
    Int64s,
    Uint32s,
    connection_number,
    key_of,
    participant,
    session_ids,
)
from tracking_service.domain.journal import NO_SOURCE, JournalPart, Source, records
from tracking_service.domain.known_connections import KnownConnections
from tracking_service.recording.admission import membership_error
from tracking_service.recording.submission import (
    NumberedEvent,
    Outcome,
    Rejection,
    Submission,
    SubmissionStatus,
    submission_status,
)
from tracking_service.store import heartbeat_streams, journal, observation, relay_clocks, whiteboard_sessions
from tracking_service.store.journal import WriterId
from tracking_service.store.whiteboard_sessions import Members


class _Accepted(NamedTuple):
    """What of a submission goes into the journal."""

    heartbeats: Sequence[PlainHeartbeat]
    events: Sequence[NumberedEvent]
    rejections: Sequence[Rejection]


_NOTHING = _Accepted((), (), ())


class _NewConnections(NamedTuple):
    """Connections that their writer has not written down yet, of participants who belong to their sessions."""

    keys: Int64s
    numbers: Uint32s
    #: Those of plain heartbeats, by number.
    ids: ConnectionIds


NO_NEW_CONNECTIONS = _NewConnections(NO_HEARTBEATS.keys, NO_HEARTBEATS.connections, NO_CONNECTION_IDS)


class _Attempt(NamedTuple):
    number: int
    submissions: Sequence[Submission]
    outcomes: list[Outcome]


class Appender:
    """Writes submissions to the journal. Blocking, one flush at a time: it runs in a thread of its own."""

    def __init__(self, database: Database) -> None:
        """Nothing is written before the first flush."""
        self._database = database
        self._known = KnownConnections()
        self._writer_id: WriterId | None = None
        self._last = _Attempt(0, (), [])
        self._new = NO_NEW_CONNECTIONS

    @property
    def last_record(self) -> int:
        """The number of the last flush."""
        return self._last.number

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Commit all of them in one transaction and return an outcome for each.

        Raises:
            StorageConflict: another transaction was in the way.
            StorageUnavailable: the database is unavailable. Try again with the same submissions: if this attempt was
                committed although its answer was lost, the next one finds that and returns the same outcomes.
        """
        with self._database.transaction() as connection:
            if self._last.submissions is submissions and self._is_committed(connection):
                return self._last.outcomes
            outcomes = self._write(connection, submissions)
        # Only now are they in the journal.
        self._known.put(self._new.keys, self._new.numbers)
        return outcomes

    def forget_sessions(self, sessions: Collection[WhiteboardSessionId]) -> None:
        """Check the participants of some sessions again, because others may take part now."""
        self._known.forget_sessions(np.array(sorted(sessions), np.int64))

    def forget_everybody(self) -> None:
        """Check all participants again."""
        self._known.forget_everybody()

    def _is_committed(self, connection: Connection) -> bool:
        """Return whether the last attempt is; waits for it while it is under way in a server that does not answer."""
        if self._writer_id is None:
            return False
        return journal.last_record(connection, self._writer_id) == self._last.number

    def _write(self, connection: Connection, submissions: Sequence[Submission]) -> list[Outcome]:
        positions = _lock_streams(connection, submissions)
        statuses = [submission_status(submission, positions) for submission in submissions]
        writable = [
            submission
            for submission, status in zip(submissions, statuses, strict=True)
            if status is SubmissionStatus.COMMITTED
        ]
        accepted = dict(zip(map(id, writable), self._admitted(connection, writable), strict=True))
        self._append(connection, submissions, [(one, accepted[id(one)]) for one in writable])
        _advance_streams(connection, writable)
        outcomes = [
            Outcome(status, accepted.get(id(submission), _NOTHING).rejections)
            for submission, status in zip(submissions, statuses, strict=True)
        ]
        self._last = self._last._replace(outcomes=outcomes)
        return outcomes

    def _append(
        self,
        connection: Connection,
        submissions: Sequence[Submission],
        accepted: Sequence[tuple[Submission, _Accepted]],
    ) -> None:
        for submission, _ in accepted:
            if submission.gaps:
                observation.append_gaps(connection, submission.gaps)
            if submission.stream is not None and submission.clock_offsets:
                relay_clocks.append(connection, submission.stream.stream_id, submission.clock_offsets)
        if self._writer_id is None:
            self._writer_id = journal.register(connection)
            self._last = _Attempt(0, (), [])
        number = self._last.number + (self._last.submissions is not submissions)
        self._last = _Attempt(number, submissions, [])
        self._new = self._new_connections([one for _, one in accepted])
        contents = list(records(list(_parts(accepted)), self._new.ids))
        if not journal.append(connection, self._writer_id, number, contents):
            self._writer_id = None
            raise StorageConflict

    def _admitted(self, connection: Connection, writable: Sequence[Submission]) -> list[_Accepted]:
        """Return what each may write: participants must belong to their sessions."""
        heartbeats = [heartbeat for submission in writable for heartbeat in submission.heartbeats]
        events = [numbered.event for submission in writable for numbered in submission.events]
        keys = np.array(
            [
                *(heartbeat.participant_key for heartbeat in heartbeats),
                *(key_of(event.participant) for event in events),
            ],
            np.int64,
        )
        unknown = keys[~self._known.find(keys).is_known]
        if not len(unknown):
            return [_Accepted(submission.heartbeats, submission.events, ()) for submission in writable]
        sessions = {WhiteboardSessionId(number) for number in np.unique(session_ids(unknown)).tolist()}
        members = whiteboard_sessions.members_of(connection, sessions)
        checked = frozenset(unknown.tolist())
        return [_checked(submission, checked, members) for submission in writable]

    def _new_connections(self, accepted: Sequence[_Accepted]) -> _NewConnections:
        """Return the connections that this writer has not written down yet."""
        heartbeats = [(one.participant_key, one.connection_id) for part in accepted for one in part.heartbeats]
        events = [numbered.event for part in accepted for numbered in part.events]
        of_events = [(key_of(event.participant), event.connection_id) for event in events if event.is_sign_of_life]
        keys = np.array([key for key, _ in (*heartbeats, *of_events)], np.int64)
        ids = [connection_id for _, connection_id in (*heartbeats, *of_events)]
        numbers = np.array([connection_number(connection_id) for connection_id in ids], np.uint32)
        found = self._known.find(keys)
        rows = np.flatnonzero(~(found.is_known & (found.connections == numbers)))
        # Events hold the ids of their connections themselves.
        named = {int(numbers[row]): ids[row] for row in rows.tolist() if ids[row] and row < len(heartbeats)}
        return _NewConnections(keys[rows], numbers[rows], named)


def _checked(
    submission: Submission, unknown: Container[int], members: Mapping[WhiteboardSessionId, Members]
) -> _Accepted:
    """Check the participants of a submission who are not known to belong to their sessions."""
    heartbeats: list[PlainHeartbeat] = []
    events: list[NumberedEvent] = []
    rejections: list[Rejection] = []
    for heartbeat in submission.heartbeats:
        error = None
        if heartbeat.participant_key in unknown:
            error = membership_error(participant(heartbeat.participant_key), members)
        if error is None:
            heartbeats.append(heartbeat)
        else:
            rejections.append(Rejection(heartbeat.sequence, error))
    for numbered in submission.events:
        error = None
        if key_of(numbered.event.participant) in unknown:
            error = membership_error(numbered.event.participant, members)
        if error is None:
            events.append(numbered)
        else:
            rejections.append(Rejection(numbered.sequence, error))
    return _Accepted(heartbeats, events, rejections)


def _parts(accepted: Iterable[tuple[Submission, _Accepted]]) -> Iterator[JournalPart]:
    """Put together what came from the same source."""
    by_source: dict[Source, list[_Accepted]] = defaultdict(list)
    for submission, one in accepted:
        if one.heartbeats or one.events:
            by_source[_source(submission)].append(one)
    for source, contents in by_source.items():
        heartbeats = [heartbeat for one in contents for heartbeat in one.heartbeats]
        events = [numbered.event for one in contents for numbered in one.events]
        yield JournalPart(source, _columns(heartbeats), events)


def _source(submission: Submission) -> Source:
    hold = submission.stream
    return NO_SOURCE if hold is None or not hold.is_relays else Source(StreamId(hold.stream_id), hold.is_live)


def _columns(heartbeats: Sequence[PlainHeartbeat]) -> HeartbeatColumns:
    if not heartbeats:
        return NO_HEARTBEATS
    _, keys, times, connection_ids = zip(*heartbeats, strict=True)
    return HeartbeatColumns(
        np.array(keys, np.int64),
        np.array(times, np.int64),
        np.array([connection_number(connection_id) for connection_id in connection_ids], np.uint32),
    )


def _lock_streams(
    connection: Connection, submissions: Sequence[Submission]
) -> Mapping[UUID, heartbeat_streams.StreamPosition]:
    stream_ids = {submission.stream.stream_id for submission in submissions if submission.stream is not None}
    return heartbeat_streams.lock(connection, stream_ids) if stream_ids else {}


def _advance_streams(connection: Connection, writable: Iterable[Submission]) -> None:
    committed: dict[UUID, int] = {}
    for submission in writable:
        if submission.stream is not None:
            stream_id = submission.stream.stream_id
            committed[stream_id] = max(submission.last_sequence, committed.get(stream_id, 0))
    if committed:
        heartbeat_streams.advance(connection, committed)

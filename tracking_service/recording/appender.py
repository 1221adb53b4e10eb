"""Appends the events of many streams and calls to the journal, in one transaction (docs/streams.md#journal)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.errors import DomainError, StorageConflict
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.grouping import Grouping
from tracking_service.domain.heartbeat_columns import (
    NO_HEARTBEATS,
    ConnectionIds,
    Int64s,
    Uint32s,
    connection_number,
    key_of,
    participant,
    session_ids,
    together,
)
from tracking_service.domain.journal import NO_SOURCE, WHOLE_FLUSH, JournalRecord, Source, SourcedEvent, records
from tracking_service.domain.known_connections import KnownConnections
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.instruments.appending import AppendInstruments
from tracking_service.recording.admission import membership_error
from tracking_service.recording.submission import (
    Outcome,
    Rejection,
    Submission,
    SubmissionStatus,
    unwritable_status,
)
from tracking_service.store import heartbeat_streams, journal, observation, relay_clocks, whiteboard_sessions
from tracking_service.store.heartbeat_streams import StreamPart
from tracking_service.store.journal import WriterId
from tracking_service.store.shards import grouping_of


class _NewConnections(NamedTuple):
    """Connections that their writer has not written down yet, of participants who belong to their sessions."""

    keys: Int64s
    numbers: Uint32s


class _Accepted(NamedTuple):
    """What a flush writes to the journal."""

    record: JournalRecord
    new: _NewConnections
    rejections: Mapping[Submission, Sequence[Rejection]]


class _Attempt(NamedTuple):
    """A flush of which it is not known yet whether it is committed."""

    writer_id: WriterId
    number: int
    new: _NewConnections
    outcomes: Mapping[Submission, Outcome]
    record: JournalRecord


#: Without rejections.
_OUTCOMES = {status: Outcome(status) for status in SubmissionStatus}


class Appender:
    """Writes submissions to the journal. Blocking, one flush at a time: it runs in a thread of its own."""

    def __init__(self, database: Database, instruments: AppendInstruments | None = None) -> None:
        """Nothing is written before the first flush."""
        self._database = database
        self._instruments = instruments or AppendInstruments()
        self._known = KnownConnections()
        self._writer_id: WriterId | None = None
        #: Nobody distributes tables while a service runs.
        self._grouping: Grouping | None = None
        #: The number of the flush that was committed last.
        self.last_record = 0
        #: Of that flush.
        self._outcomes: Mapping[Submission, Outcome] = {}
        self._attempt: _Attempt | None = None

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Commit all of them in one transaction and return an outcome for each.

        Raises:
            StorageConflict: another transaction was in the way.
            StorageUnavailable: the database is unavailable. Try again with the same submissions: if this attempt was
                committed although its answer was lost, the next one finds that and returns the same outcomes.
        """
        if all(one.stream is None and not len(one) for one in submissions):
            # They only ask whether everything before them is written.
            return [Outcome(SubmissionStatus.COMMITTED) for _ in submissions]
        with self._database.transaction() as connection:
            self._settle_attempt(connection)
            outcomes = {one: self._outcomes[one] for one in submissions if one in self._outcomes}
            remaining = [one for one in submissions if one not in outcomes]
            if remaining:
                self._write(connection, remaining)
        self._note_committed()
        outcomes |= self._outcomes
        return [outcomes[one] for one in submissions]

    def forget_sessions(self, sessions: Collection[WhiteboardSessionId]) -> None:
        """Check the participants of some sessions again, because others may take part now."""
        self._known.forget_sessions(np.array(sorted(sessions), np.int64))
        self._forget_attempt()

    def forget_everybody(self) -> None:
        """Check all participants again."""
        self._known.forget_everybody()
        self._forget_attempt()

    def _forget_attempt(self) -> None:
        """Do not take those for known whom an attempt has checked that may be committed."""
        if self._attempt is not None:
            nobody = _NewConnections(NO_HEARTBEATS.keys, NO_HEARTBEATS.connections)
            self._attempt = self._attempt._replace(new=nobody)

    def _settle_attempt(self, connection: Connection) -> None:
        """Find out whether the last attempt is committed; wait for it while it is under way in a server that hangs."""
        attempt = self._attempt
        if attempt is not None and journal.last_record(connection, attempt.writer_id) == attempt.number:
            self._note_committed()
        self._attempt = None

    def _note_committed(self) -> None:
        """Take in what is known once the attempt is committed."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            self._writer_id, self.last_record, self._outcomes = attempt.writer_id, attempt.number, attempt.outcomes
            # Only now are they in the journal.
            self._known.put(attempt.new.keys, attempt.new.numbers)
            self._instruments.note_appended(attempt.record)

    def _write(self, connection: Connection, submissions: Sequence[Submission]) -> None:
        statuses = _advance_streams(connection, submissions)
        writable = [one for one, status in statuses.items() if status is SubmissionStatus.COMMITTED]
        accepted = self._accepted(connection, writable)
        _append_observations(connection, writable)
        writer_id, number = self._append(connection, accepted)
        outcomes = {
            one: Outcome(status, accepted.rejections[one]) if one in accepted.rejections else _OUTCOMES[status]
            for one, status in statuses.items()
        }
        self._attempt = _Attempt(writer_id, number, accepted.new, outcomes, accepted.record)

    def _append(self, connection: Connection, accepted: _Accepted) -> tuple[WriterId, int]:
        """Append the records of a flush, and return their writer and number."""
        if self._grouping is None:
            self._grouping = grouping_of(connection)
        contents = list(records(accepted.record, self._grouping))
        writer_id, number = self._writer_id, self.last_record + 1
        if writer_id is None or not journal.append(connection, writer_id, number, contents):
            # This is the first flush, or the writer was deleted because it appended nothing for long.
            writer_id, number = journal.register(connection), 1
            if not journal.append(connection, writer_id, number, contents):
                raise StorageConflict
        return writer_id, number

    def _accepted(self, connection: Connection, submissions: Sequence[Submission]) -> _Accepted:
        """Return what is written: participants must belong to their sessions."""
        content = _Content(submissions)
        found = self._known.find(content.keys)
        refused = _refused(connection, content.keys[~found.is_known])
        is_new = ~(found.is_known & (found.connections == content.connections))
        if not refused:
            return content.accepted(is_new)
        keys = np.fromiter(refused, np.int64, len(refused))
        is_accepted = ~np.isin(content.keys, keys)
        rejections = {one: rejected for one in submissions if (rejected := list(_rejections(one, refused, keys)))}
        return content.accepted(is_new & is_accepted, is_accepted)._replace(rejections=rejections)


class _FromSource(NamedTuple):
    """What came from one source."""

    source: Source
    heartbeats: NumberedHeartbeats
    events: list[PresenceEvent]


class _Content:
    """What a flush writes, and its participants and their connections: of heartbeats first, then of events."""

    def __init__(self, submissions: Iterable[Submission]) -> None:
        by_source: dict[Source, _FromSource] = {}
        for submission in submissions:
            source = _source(submission)
            gathered = by_source.get(source)
            if gathered is None:
                gathered = by_source[source] = _FromSource(source, NumberedHeartbeats(), [])
            # Many submissions have one heartbeat each. To make columns of each costs ten times as much.
            gathered.heartbeats.extend(submission.heartbeats)
            gathered.events.extend(numbered.event for numbered in submission.events)
        self._by_source = by_source
        columns = [gathered.heartbeats.columns() for gathered in by_source.values()]
        self._heartbeats = together(columns)
        self._heartbeat_sources = np.repeat(np.arange(len(columns)), [len(own) for own in columns])
        self._events = [
            SourcedEvent(position, event)
            for position, gathered in enumerate(by_source.values())
            for event in gathered.events
        ]
        events = [key_of(one.event.participant) for one in self._events]
        numbers = [connection_number(one.event.connection_id) for one in self._events]
        self.keys = np.concatenate([self._heartbeats.keys, np.array(events, np.int64)])
        self.connections = np.concatenate([self._heartbeats.connections, np.array(numbers, np.uint32)])

    def accepted(self, is_new: NDArray[np.bool_], is_accepted: NDArray[np.bool_] | None = None) -> _Accepted:
        """Return what is written: rows that are accepted (None: all), and which of them introduce a connection."""
        rows = len(self._heartbeats)
        heartbeats, sources, events = self._heartbeats, self._heartbeat_sources, self._events
        if is_accepted is not None:
            heartbeats, sources = heartbeats.selected(is_accepted[:rows]), sources[is_accepted[:rows]]
            events = list(compress(events, is_accepted[rows:]))
        # Disconnects introduce none.
        is_new[rows:] &= np.array([one.event.is_sign_of_life for one in self._events], np.bool_)
        ids = self._connection_ids(self.connections[:rows][is_new[:rows]])
        record = JournalRecord(WHOLE_FLUSH, list(self._by_source), heartbeats, sources, events, ids)
        return _Accepted(record, _NewConnections(self.keys[is_new], self.connections[is_new]), {})

    def _connection_ids(self, numbers: Uint32s) -> ConnectionIds:
        """Return the ids of connections of heartbeats. Events hold those of theirs themselves."""
        wanted = frozenset(numbers.tolist())
        return {
            number: gathered.heartbeats.connection_ids[number]
            for gathered in (self._by_source.values() if wanted else ())
            for number in wanted & gathered.heartbeats.connection_ids.keys()
        }


def _refused(connection: Connection, unknown: Int64s) -> dict[int, DomainError]:
    """Return why participants who are not known are refused, by their keys; those who belong are not in it."""
    if not len(unknown):
        return {}
    sessions = {WhiteboardSessionId(number) for number in np.unique(session_ids(unknown)).tolist()}
    members = whiteboard_sessions.members_of(connection, sessions)
    errors = ((key, membership_error(participant(key), members)) for key in np.unique(unknown).tolist())
    return {key: error for key, error in errors if error is not None}


def _rejections(submission: Submission, refused: Mapping[int, DomainError], keys: Int64s) -> Iterator[Rejection]:
    heartbeats = submission.heartbeats
    if heartbeats:
        columns = heartbeats.columns()
        rows = np.isin(columns.keys, keys)
        for sequence, key in zip(heartbeats.sequences()[rows].tolist(), columns.keys[rows].tolist(), strict=True):
            yield Rejection(sequence, refused[key])
    for sequence, event in submission.events:
        error = refused.get(key_of(event.participant))
        if error is not None:
            yield Rejection(sequence, error)


def _source(submission: Submission) -> Source:
    hold = submission.stream
    return NO_SOURCE if hold is None or not hold.is_relays else Source(StreamId(hold.stream_id), hold.is_live)


def _append_observations(connection: Connection, writable: Sequence[Submission]) -> None:
    """Write what relays say about themselves."""
    gaps = [gap for submission in writable for gap in submission.gaps]
    if gaps:
        observation.append_gaps(connection, gaps)
    for submission in writable:
        if submission.stream is not None and submission.clock_offsets:
            relay_clocks.append(connection, submission.stream.stream_id, submission.clock_offsets)


def _advance_streams(connection: Connection, submissions: Sequence[Submission]) -> dict[Submission, SubmissionStatus]:
    """Move the streams on, and return for each submission whether it may be written."""
    parts = [
        StreamPart(one.stream.stream_id, one.stream.epoch, one.first_sequence, one.last_sequence)
        for one in submissions
        if one.stream is not None
    ]
    advanced = heartbeat_streams.advance(connection, parts) if parts else frozenset[UUID]()
    others = {part.stream_id for part in parts} - advanced
    positions = heartbeat_streams.positions(connection, others) if others else {}
    return {
        one: SubmissionStatus.COMMITTED
        if one.stream is None or one.stream.stream_id in advanced
        else unwritable_status(one.stream, positions)
        for one in submissions
    }

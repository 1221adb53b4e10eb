"""Appends the events of many streams and calls to the journal, in one transaction (docs/streams.md#journal)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.errors import StorageConflict
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.grouping import Grouping
from tracking_service.domain.journal import JournalRecord, records
from tracking_service.domain.known_connections import KnownConnections
from tracking_service.instruments.appending import AppendInstruments
from tracking_service.recording.flush_content import NO_NEW_CONNECTIONS, Accepted, FlushContent, NewConnections
from tracking_service.recording.participant_check import ParticipantCheck
from tracking_service.recording.submission import Outcome, Submission, SubmissionStatus, unwritable_status
from tracking_service.store import heartbeat_streams, journal, observation, relay_clocks
from tracking_service.store.heartbeat_streams import StreamPart
from tracking_service.store.journal import WriterId
from tracking_service.store.shards import grouping_of


class _Attempt(NamedTuple):
    """A flush of which it is not known yet whether it is committed."""

    writer_id: WriterId
    number: int
    new: NewConnections
    outcomes: Mapping[Submission, Outcome]
    record: JournalRecord


#: Without rejections.
_OUTCOMES = {status: Outcome(status) for status in SubmissionStatus}


class Appender:
    """Writes submissions to the journal. Blocking, one flush at a time: it runs in a thread of its own."""

    def __init__(
        self,
        database: Database,
        instruments: AppendInstruments | None = None,
        check: ParticipantCheck | None = None,
    ) -> None:
        """Nothing is written before the first flush."""
        self._database = database
        self._check = check or ParticipantCheck(database)
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
            self._attempt = self._attempt._replace(new=NO_NEW_CONNECTIONS)

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

    def _append(self, connection: Connection, accepted: Accepted) -> tuple[WriterId, int]:
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

    def _accepted(self, connection: Connection, submissions: Sequence[Submission]) -> Accepted:
        """Return what is written: participants must belong to their sessions, as far as that is known."""
        content = FlushContent(submissions)
        found = self._known.find(content.keys)
        is_new = ~(found.is_known & (found.connections == content.connections))
        unknown = content.keys[~found.is_known]
        if not len(unknown):
            return content.accepted(is_new)
        checked = self._check.of(connection, unknown)
        if not checked.refused and not len(checked.unchecked):
            return content.accepted(is_new)
        return content.partly_accepted(is_new, checked.refused, checked.unchecked)


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

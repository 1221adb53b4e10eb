"""One transaction for the events of many streams and calls (docs/streams.md#group-commit)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from uuid import UUID

from sqlalchemy.engine import Connection

from servicekit.clock import Clock
from servicekit.database.engine import Database
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.activity import count_by_period
from tracking_service.domain.events import EventKind, Participant, PresenceEvent
from tracking_service.domain.heartbeat_batch import PlainHeartbeat, as_event, coalesce, of_participants, participant
from tracking_service.domain.presence import Presences
from tracking_service.domain.presence_spans import union_duration
from tracking_service.recording.apply_events import (
    admit,
    apply_events,
    concluded_disconnects,
    disconnects_to_load,
    log_entries,
    projections,
)
from tracking_service.recording.locks import LockedElsewhere, lock_sessions
from tracking_service.recording.submission import (
    NumberedEvent,
    Outcome,
    Rejection,
    Submission,
    SubmissionStatus,
    rejected_earlier,
    submission_status,
    without_committed,
)
from tracking_service.recording.write_dedup import WriteDedup
from tracking_service.store import (
    activity_periods,
    connection_events,
    heartbeat_streams,
    observation,
    presence_intervals,
    relay_clocks,
    relay_coverage,
    whiteboard_sessions,
)
from tracking_service.store.heartbeat_update import HeartbeatUpdater

_NOTHING = Submission(None)


class Recorder:
    """Writes submissions to PostgreSQL. Blocking: runs in a thread of its own."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout
        self._heartbeats = HeartbeatUpdater(database, timeout=timeout)
        self._dedup = WriteDedup()

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Commit all of them in one transaction and return an outcome for each.

        Rows are locked table by table (streams, intervals, sessions), in the order of their keys. Plain heartbeats lock
        the rows that they change. If other events of the flush then need a row that another transaction has locked, all
        rows are locked first, in order.

        Raises:
            StorageConflict: another transaction was in the way.
            StorageUnavailable: the database is unavailable. Try again with the same submissions: if this attempt was
                committed although its answer was lost, the next one finds that and returns the same outcomes.
        """
        in_order = False
        while True:
            try:
                return self._commit(submissions, in_order=in_order)
            except LockedElsewhere:
                # In order it fails only if yet another transaction has opened an interval meanwhile.
                in_order = True

    def _commit(self, submissions: Sequence[Submission], *, in_order: bool) -> list[Outcome]:
        with self._database.transaction() as connection:
            if not _has_unary_events(submissions):
                return self._write(connection, submissions, in_order=in_order)
            earlier = self._dedup.find(connection, submissions)
            if earlier is not None:
                return earlier
            outcomes = self._write(connection, submissions, in_order=in_order)
            self._dedup.record(connection, submissions, outcomes)
            return outcomes

    def _write(self, connection: Connection, submissions: Sequence[Submission], *, in_order: bool) -> list[Outcome]:
        positions = _lock_streams(connection, submissions)
        statuses = [submission_status(submission, positions) for submission in submissions]
        writable = [
            without_committed(submission, positions) if status is SubmissionStatus.COMMITTED else _NOTHING
            for submission, status in zip(submissions, statuses, strict=True)
        ]
        if in_order:
            lock_sessions(connection, _session_ids(writable))
        general, holds_locks = self._update_heartbeats(connection, writable, may_divide=not in_order)
        rejections: list[Sequence[Rejection]] = [()] * len(general)
        presences: Presences = {}
        if any(general):
            rejections, presences = self._record(connection, general, writable, may_wait=in_order or not holds_locks)
        gaps = [gap for submission in writable for gap in submission.gaps]
        if gaps:
            observation.append_gaps(connection, gaps)
        for submission in writable:
            if submission.stream is not None and submission.clock_offsets:
                relay_clocks.append(connection, submission.stream.stream_id, submission.clock_offsets)
        _advance_streams(connection, submissions, statuses)
        for submission, new in zip(submissions, rejections, strict=True):
            submission.rejected = [*rejected_earlier(submission, positions), *new]
        return [
            _outcome(submission, status, presences) for submission, status in zip(submissions, statuses, strict=True)
        ]

    def _update_heartbeats(
        self, connection: Connection, writable: Sequence[Submission], *, may_divide: bool
    ) -> tuple[list[Sequence[NumberedEvent]], bool]:
        """Let plain heartbeats extend open intervals.

        Return, for each submission, what must take the general path; and whether rows are locked now.
        """
        heartbeats = list(chain.from_iterable(submission.heartbeats for submission in writable))
        columns, others = coalesce(heartbeats, self._timeout)
        missed, holds_locks = self._heartbeats.update(connection, columns, may_divide=may_divide)
        not_written = {*others, *(of_participants(heartbeats, missed) if missed else ())}
        return [_general_events(submission, not_written) for submission in writable], holds_locks

    def _record(
        self,
        connection: Connection,
        general: Sequence[Sequence[NumberedEvent]],
        writable: Sequence[Submission],
        *,
        may_wait: bool,
    ) -> tuple[list[Sequence[Rejection]], Presences]:
        """Record events by the full rules; return each submission's rejections, and the presence of who had events."""
        session_ids = {numbered.event.participant.session_id for numbered in chain.from_iterable(general)}
        members, before = lock_sessions(connection, session_ids, may_wait=may_wait)
        admissions = [admit(numbered, members) for numbered in general]
        events = [event for admitted, _ in admissions for event in admitted]
        after = apply_events(
            before,
            [(submission.source, admitted) for submission, (admitted, _) in zip(writable, admissions, strict=True)],
            connection_events.disconnects_since(connection, disconnects_to_load(before, events)),
            now=self._clock.now(),
            timeout=self._timeout,
        )
        save(connection, before, after, events)
        delivered = _delivered_live(writable, [admitted for admitted, _ in admissions])
        if delivered:
            relay_coverage.add_sessions(connection, delivered)
        return [rejections for _, rejections in admissions], after


def save(connection: Connection, before: Presences, after: Presences, admitted: Sequence[PresenceEvent]) -> None:
    """Write what changed: intervals, events, activity, and the documented columns that follow from them."""
    presence_intervals.save(connection, before, after)
    recorded = [event for event in admitted if event.kind is not EventKind.HEARTBEAT]
    new_events = connection_events.append(connection, [*recorded, *concluded_disconnects(before, after)])
    new_periods = activity_periods.add(connection, count_by_period(admitted))
    entries = log_entries(new_events, new_periods)
    whiteboard_sessions.project(connection, projections(before, after, entries))


def _delivered_live(
    writable: Sequence[Submission], admitted: Sequence[Sequence[PresenceEvent]]
) -> set[tuple[WhiteboardSessionId, StreamId]]:
    """Return which sessions have events over which streams of live relays."""
    return {
        (event.participant.session_id, StreamId(submission.stream.stream_id))
        for submission, events in zip(writable, admitted, strict=True)
        if submission.stream is not None and submission.stream.is_live
        for event in events
    }


def _has_unary_events(submissions: Sequence[Submission]) -> bool:
    """Return whether writing the submissions twice could count something twice."""
    return any(submission.stream is None and submission.events for submission in submissions)


def _general_events(submission: Submission, not_written: Collection[PlainHeartbeat]) -> Sequence[NumberedEvent]:
    if not not_written:
        return submission.events
    return [
        *submission.events,
        *(
            NumberedEvent(heartbeat.sequence, as_event(heartbeat))
            for heartbeat in submission.heartbeats
            if heartbeat in not_written
        ),
    ]


def _session_ids(writable: Sequence[Submission]) -> set[WhiteboardSessionId]:
    heartbeats = chain.from_iterable(submission.heartbeats for submission in writable)
    events = chain.from_iterable(submission.events for submission in writable)
    return {
        *(participant(heartbeat.participant_key).session_id for heartbeat in heartbeats),
        *(numbered.event.participant.session_id for numbered in events),
    }


def _lock_streams(
    connection: Connection, submissions: Sequence[Submission]
) -> Mapping[UUID, heartbeat_streams.StreamPosition]:
    stream_ids = {submission.stream.stream_id for submission in submissions if submission.stream is not None}
    return heartbeat_streams.lock(connection, stream_ids) if stream_ids else {}


def _advance_streams(
    connection: Connection, submissions: Sequence[Submission], statuses: Sequence[SubmissionStatus]
) -> None:
    committed: dict[UUID, int] = {}
    for submission, status in zip(submissions, statuses, strict=True):
        if submission.stream is not None and status is SubmissionStatus.COMMITTED:
            stream_id = submission.stream.stream_id
            committed[stream_id] = max(submission.last_sequence, committed.get(stream_id, 0))
    if committed:
        heartbeat_streams.advance(connection, committed)


def _outcome(submission: Submission, status: SubmissionStatus, presences: Presences) -> Outcome:
    if submission.stream is not None:
        return Outcome(status, submission.rejected)
    own = {numbered.event.participant for numbered in submission.events}
    totals: dict[Participant, int] = {
        participant: union_duration(interval.span for interval in presences[participant].intervals)
        for participant in own
        if participant in presences
    }
    return Outcome(status, submission.rejected, totals)

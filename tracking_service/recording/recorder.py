"""One transaction for the events of many streams and calls: group commit (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from uuid import UUID

from sqlalchemy.engine import Connection

from servicekit.clock import Clock
from servicekit.database.engine import Database
from tracking_service.domain.activity import coalesce
from tracking_service.domain.events import EventKind, Participant, PresenceEvent
from tracking_service.domain.presence import Presences
from tracking_service.domain.runs import PlainHeartbeat, as_event, fold, of_participants
from tracking_service.domain.ways import Way
from tracking_service.domain.windows import union_duration
from tracking_service.recording.admission import admit, standing, without_committed
from tracking_service.recording.changes import apply, concluded_disconnects, projections, with_ways
from tracking_service.recording.extender import Extender
from tracking_service.recording.log_entries import log_entries
from tracking_service.recording.receipts import Receipts, are_needed
from tracking_service.recording.submission import NumberedEvent, Outcome, Rejection, Standing, Submission
from tracking_service.store import activity, events, intervals, relay_gaps, streams, whiteboard_sessions

_NOTHING = Submission(None)


class Recorder:
    """Writes submissions to PostgreSQL. Blocking: runs in a thread of its own."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout
        self._extender = Extender(database, timeout=timeout)
        self._receipts = Receipts()

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Commit all of them in one transaction and answer each; StorageUnavailable leaves nothing half-written.

        Rows are locked table by table (streams, intervals, sessions), in the order of their keys.
        """
        with self._database.transaction() as connection:
            if not are_needed(submissions):
                return self._write(connection, submissions)
            known = self._receipts.outcomes(connection, submissions)
            if known is not None:
                return known
            outcomes = self._write(connection, submissions)
            self._receipts.leave(connection, submissions, outcomes)
            return outcomes

    def _write(self, connection: Connection, submissions: Sequence[Submission]) -> list[Outcome]:
        positions = _lock_streams(connection, submissions)
        standings = [standing(submission, positions) for submission in submissions]
        writable = [
            without_committed(submission, positions) if stands is Standing.COMMITTED else _NOTHING
            for submission, stands in zip(submissions, standings, strict=True)
        ]
        general = self._extend(connection, writable)
        ways = [submission.way for submission in writable]
        rejections, presences = self._record(connection, general, ways) if any(general) else ([()] * len(general), {})
        relay_gaps.append(connection, chain.from_iterable(submission.gaps for submission in writable))
        _advance_streams(connection, submissions, standings)
        return [
            _outcome(submission, stands, refused, presences)
            for submission, stands, refused in zip(submissions, standings, rejections, strict=True)
        ]

    def _extend(self, connection: Connection, writable: Sequence[Submission]) -> list[Sequence[NumberedEvent]]:
        """Let plain heartbeats extend open intervals; return, for each submission, what has to go the general way."""
        heartbeats = list(chain.from_iterable(submission.heartbeats for submission in writable))
        runs, others = fold(heartbeats, self._timeout)
        missed = self._extender.extend(connection, runs)
        unextended = {*others, *(of_participants(heartbeats, missed) if missed else ())}
        return [_general_events(submission, unextended) for submission in writable]

    def _record(
        self, connection: Connection, general: Sequence[Sequence[NumberedEvent]], ways: Sequence[Way]
    ) -> tuple[list[Sequence[Rejection]], Presences]:
        """Record events by the full rules; return each submission's rejections, and the presence of who had events."""
        session_ids = {numbered.event.participant.session_id for numbered in chain.from_iterable(general)}
        intervals.lock_open(connection, session_ids)
        members = whiteboard_sessions.lock(connection, session_ids)
        admissions = [admit(numbered, members) for numbered in general]
        admitted = [event for events_of_one, _ in admissions for event in events_of_one]
        before = intervals.load(connection, session_ids)
        disconnects = events.disconnects(connection, session_ids)
        after = apply(before, admitted, disconnects, now=self._clock.now(), timeout=self._timeout)
        after = with_ways(before, after, zip(ways, (events_of_one for events_of_one, _ in admissions), strict=True))
        save(connection, before, after, admitted)
        return [rejections for _, rejections in admissions], after


def save(connection: Connection, before: Presences, after: Presences, admitted: Sequence[PresenceEvent]) -> None:
    """Write what changed: intervals, events, activity, and the documented columns that follow from them."""
    intervals.save(connection, before, after)
    recorded = [event for event in admitted if event.kind is not EventKind.HEARTBEAT]
    new_events = events.append(connection, [*recorded, *concluded_disconnects(before, after)])
    periods = coalesce(admitted)
    new_periods = activity.add(connection, periods)
    entries = log_entries(new_events, [(period, periods[period].first_at) for period in new_periods])
    whiteboard_sessions.project(connection, projections(before, after, entries))


def _general_events(submission: Submission, unextended: Collection[PlainHeartbeat]) -> Sequence[NumberedEvent]:
    if not unextended:
        return submission.events
    return [
        *submission.events,
        *(
            NumberedEvent(heartbeat.sequence, as_event(heartbeat))
            for heartbeat in submission.heartbeats
            if heartbeat in unextended
        ),
    ]


def _lock_streams(connection: Connection, submissions: Sequence[Submission]) -> Mapping[UUID, streams.StreamPosition]:
    stream_ids = {submission.stream.stream_id for submission in submissions if submission.stream is not None}
    return streams.lock(connection, stream_ids) if stream_ids else {}


def _advance_streams(connection: Connection, submissions: Sequence[Submission], standings: Sequence[Standing]) -> None:
    committed: dict[UUID, int] = {}
    for submission, stands in zip(submissions, standings, strict=True):
        if submission.stream is not None and stands is Standing.COMMITTED:
            stream_id = submission.stream.stream_id
            committed[stream_id] = max(submission.last_sequence, committed.get(stream_id, 0))
    if committed:
        streams.advance(connection, committed)


def _outcome(
    submission: Submission, stands: Standing, rejections: Sequence[Rejection], presences: Presences
) -> Outcome:
    if submission.stream is not None:
        return Outcome(stands, rejections)
    own = {numbered.event.participant for numbered in submission.events}
    totals: dict[Participant, int] = {
        participant: union_duration(interval.stretch for interval in presences[participant].intervals)
        for participant in own
        if participant in presences
    }
    return Outcome(stands, rejections, totals)

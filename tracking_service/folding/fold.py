"""Makes facts of what is in the journal (docs/streams.md#folding)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.engine import Connection

from servicekit.clock import Clock, Instant, seconds
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import Participant
from tracking_service.domain.fold_rhythm import IDLE_SECONDS, Age
from tracking_service.domain.grouping import ALL_GROUPS, Grouping
from tracking_service.domain.journal import NEIGHBOURS
from tracking_service.domain.presence import NEVER_PRESENT
from tracking_service.domain.presence_spans import union_duration
from tracking_service.folding.facts import record_pending
from tracking_service.folding.pending import Pending
from tracking_service.folding.reading import Reading, TooMuchAtOnce, ages, planned, read
from tracking_service.instruments.folding import FoldInstruments
from tracking_service.store import presence_intervals, session_groups
from tracking_service.store.journal import StoredRecord
from tracking_service.store.session_groups import NOTHING, Position, SessionGroup
from tracking_service.store.shards import MAX_ANSWER_SECONDS, MAX_TRANSACTION_SECONDS, SilentServers, grouping_of

#: Participants whose intervals one transaction extends. Readers of their groups wait for it, a twentieth of a second.
MAX_PARTICIPANTS_PER_FOLD = 5_000
#: Records are searched for so many sessions at most. For more, to read all of them costs less.
MAX_SEARCHED_SESSIONS = 4
#: A group for which nothing was appended is moved on less often than the others: all 256 rows would be updated for the
#: heartbeats of one. Until then the records of the others are read again for it.
MAX_UNMOVED = timedelta(seconds=2)
#: If nothing was appended at all, nothing is read again, and only the time is moved on.
MAX_UNMOVED_IDLE = timedelta(seconds=IDLE_SECONDS)


class Folder:
    """Blocking. Any number of processes may fold: each group is folded by one at a time."""

    def __init__(
        self, database: Database, clock: Clock, *, timeout: int, instruments: FoldInstruments | None = None
    ) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self.instruments = instruments or FoldInstruments()
        #: What is found out about the servers of shards.
        self.silent = SilentServers()
        self._database = database
        self._clock = clock
        self._timeout = timeout
        self._grouping: Grouping | None = None

    def fold(self, groups: Collection[int] = ALL_GROUPS, *, skip_locked: bool = True) -> int:
        """Fold everything that is in the journal of some groups, and return how many heartbeats it was.

        An event counts as several. With `skip_locked`, groups that another transaction has locked are left to it.
        """
        return sum(self.steps(groups, skip_locked=skip_locked))

    def steps(self, groups: Collection[int] = ALL_GROUPS, *, skip_locked: bool = True) -> Iterator[int]:
        """Do the same, one short transaction at each step, of which each yields its part of the number."""
        waiting: list[Sequence[int]] = self.grouping().by_shard(groups)
        while waiting:
            unit = waiting.pop()
            try:
                reading = yield from self._read_in_steps(unit)
            except TooMuchAtOnce:
                waiting += _neighbours(unit)
                continue
            yield from self._fold_reading(reading, skip_locked=skip_locked)
            if not reading.is_complete:
                waiting.append(unit)

    def fold_sessions(self, sessions: Collection[WhiteboardSessionId]) -> None:
        """Fold what is in the journal of some sessions, so that what is read afterwards is complete."""
        grouping = self.grouping()
        waiting = [set(own) for own in grouping.sessions_by_shard(sessions)]
        while waiting:
            unit = waiting.pop()
            groups = set(map(grouping.group_of, unit))
            try:
                if len(unit) <= MAX_SEARCHED_SESSIONS and self._extend_sessions(groups, unit):
                    continue
                reading = self._read(groups)
            except TooMuchAtOnce:
                parts = map(set, _neighbours(groups))
                waiting += [{one for one in unit if grouping.group_of(one) in own} for own in parts]
                continue
            if not reading.is_complete:
                self.fold(groups, skip_locked=False)
            elif reading.records.pending(reading.groups, unit).size:
                # Commonly there is nothing, and no lock is needed to see that.
                self._fold_sessions(reading, groups, unit)

    def fold_what_answers(self, sessions: Collection[WhiteboardSessionId]) -> set[WhiteboardSessionId]:
        """Do the same, and return the sessions of shards whose servers do not answer."""
        grouping, unanswered = self.grouping(), set[WhiteboardSessionId]()
        for own in grouping.sessions_by_shard(sessions):
            try:
                self.fold_sessions(own)
            except StorageUnavailable:
                if not grouping.is_distributed:
                    raise
                unanswered.update(own)
        return unanswered

    def fold_if_little(self) -> Instant:
        """Fold everything unless that would take long, and return the time before which nothing is missing now."""
        return min(map(self._fold_if_little, self.grouping().by_shard(ALL_GROUPS)))

    def grouping(self) -> Grouping:
        """Return how sessions are divided into groups."""
        if self._grouping is None:
            with self._database.transaction() as connection:
                self._grouping = grouping_of(connection)
            if self._grouping.is_distributed:
                self._database.limit_transactions(MAX_TRANSACTION_SECONDS)
        return self._grouping

    def ages(self, groups: Sequence[int] = ALL_GROUPS) -> list[Age]:
        """Return how far each group is folded; all are on one server."""
        with self.asking(groups) as connection:
            return ages(connection, groups)

    def answer_seconds(self) -> float | None:
        """Return how long what is asked of some sessions may take; None: as long as any transaction."""
        return MAX_ANSWER_SECONDS if self.grouping().is_distributed else None

    def total_active(self, participant: Participant) -> int:
        """Return all presence of a participant in microseconds, with what is in the journal."""
        self.fold_sessions({participant.session_id})
        with self._database.transaction(within_seconds=self.answer_seconds()) as connection:
            presences = presence_intervals.load(connection, {participant.session_id})
        known = presences.get(participant, NEVER_PRESENT)
        return union_duration(interval.span for interval in known.intervals)

    def _fold_if_little(self, groups: Sequence[int]) -> Instant:
        now = self._clock.now()
        try:
            reading = self._read(groups)
        except TooMuchAtOnce:
            return Instant(now - seconds(max(age.lag_seconds for age in self.ages(groups))))
        sum(self._fold_reading(reading, skip_locked=False))
        return reading.as_of

    def _read(self, groups: Collection[int], sessions: Collection[WhiteboardSessionId] | None = None) -> Reading:
        with self.asking(groups) as connection:
            return read(connection, self._clock, session_groups.read(connection, groups), sessions=sessions)

    @contextmanager
    def asking(self, groups: Collection[int]) -> Iterator[Connection]:
        """Open a short transaction about groups on one server, which may hang; StorageUnavailable."""
        grouping = self.grouping()
        if not grouping.is_distributed:
            # One PostgreSQL that answers late is no reason to refuse the next question.
            with self._database.transaction() as connection:
                yield connection
            return
        server = grouping.server_of(next(iter(groups)))
        with self.silent.asking(server), self._database.transaction(within_seconds=MAX_ANSWER_SECONDS) as connection:
            yield connection

    def _read_in_steps(self, groups: Collection[int]) -> Generator[int, None, Reading]:
        """Read, and yield 0 between two steps of it."""
        records: list[StoredRecord] = []
        with self._database.transaction() as connection:
            plan = planned(connection, self._clock, session_groups.read(connection, groups))
            first, *others = list(plan.in_steps()) or [plan]
            records += first.read(connection)
        for step in others:
            yield 0
            with self._database.transaction() as connection:
                records += step.read(connection)
        return plan.reading(records)

    def _fold_reading(self, reading: Reading, *, skip_locked: bool) -> Iterator[int]:
        for part in reading.records.divided(_due(reading), MAX_PARTICIPANTS_PER_FOLD):
            yield self._fold_part(reading, part, skip_locked=skip_locked)

    def _fold_part(self, reading: Reading, part: Collection[int], *, skip_locked: bool) -> int:
        # After an incomplete reading the rest follows, so there is nothing to be won by leaving groups out.
        skip_locked &= reading.is_complete
        with self._database.transaction() as connection:
            locked = session_groups.lock(connection, part, skip_locked=skip_locked)
            found = reading.records.pending(locked)
            self._record(connection, found, reading)
            moved = [_moved(group, reading) for group in locked]
            session_groups.move(connection, moved, folded_at=reading.read_at if reading.is_complete else None)
            return found.weight

    def _extend_sessions(self, groups: Collection[int], sessions: Collection[WhiteboardSessionId]) -> bool:
        """Fold what is in the journal of some sessions if that is only heartbeats, and return whether it is.

        Under load thousands of records wait for their turn, of which these few are found by PostgreSQL.
        """
        reading = self._read(groups, sessions)
        if not reading.is_complete or not reading.records.pending(
            reading.groups, sessions
        ).sessions_with_events.isdisjoint(sessions):
            # The events of a group are folded in their order, together with those of its other sessions.
            return False
        if reading.records.pending(reading.groups, sessions, with_events=False).size:
            with self._database.transaction() as connection:
                locked = session_groups.lock(connection, groups)
                # Positions stay: heartbeats of other sessions are still to be folded.
                self._record(connection, reading.records.pending(locked, sessions, with_events=False), reading)
        return True

    def _fold_sessions(
        self, reading: Reading, groups: Collection[int], sessions: Collection[WhiteboardSessionId]
    ) -> None:
        with self._database.transaction() as connection:
            locked = session_groups.lock(connection, groups)
            found = reading.records.pending(locked, sessions)
            self._record(connection, found, reading)
            # Heartbeats of the groups' other sessions are still to be folded.
            moved = [_moved(group, reading, only_events=True) for group in locked]
            session_groups.move(connection, moved, folded_at=None)

    def _record(self, connection: Connection, found: Pending, reading: Reading) -> None:
        record_pending(connection, found, now=reading.as_of, timeout=self._timeout, instruments=self.instruments)


def _due(reading: Reading) -> Iterator[int]:
    """Yield the groups whose positions are moved on."""
    for group in reading.groups:
        limit = MAX_UNMOVED if reading.is_behind(group) else MAX_UNMOVED_IDLE
        if reading.records.concern(group.number) or reading.read_at - group.folded_at >= limit:
            yield group.number


def _moved(group: SessionGroup, reading: Reading, *, only_events: bool = False) -> SessionGroup:
    """Return a group that is locked with the positions up to which it is folded now."""
    positions = dict(group.positions)
    for writer_id, number in reading.until.items():
        # Another process may have folded more since.
        events, heartbeats = positions.get(writer_id, NOTHING)
        positions[writer_id] = Position(max(events, number), heartbeats if only_events else max(heartbeats, number))
    return group._replace(positions=positions)


def _neighbours(groups: Iterable[int]) -> list[list[int]]:
    """Divide groups into those that are neighbours."""
    divided = defaultdict(list)
    for group in sorted(groups):
        divided[group // NEIGHBOURS].append(group)
    return list(divided.values())

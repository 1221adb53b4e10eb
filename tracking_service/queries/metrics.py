"""Facts of whiteboard sessions, measured against windows, for the attendance service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant, from_datetime
from servicekit.database.engine import Database
from servicekit.identifiers import StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange, clip, subtract, union
from tracking_service.domain.activity import interactions_in, interactions_per_minute
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.measurement import PresenceInWindow, assumed_in_union, measure, seconds_in_window
from tracking_service.domain.observation_gaps import find_unknown_for_all
from tracking_service.domain.presence import NEVER_PRESENT, Interval, Presence
from tracking_service.domain.relay_clocks import ClockOffset, furthest, largest_offset
from tracking_service.errors import NoSchedule, WhiteboardSessionNotFound
from tracking_service.folding.fold import Folder
from tracking_service.queries.observation import Observation, ObservationQuery, PresencesBySession
from tracking_service.store import activity_periods, presence_intervals, relay_clocks, retention, whiteboard_sessions
from tracking_service.store.whiteboard_sessions import Members, Schedule, SessionRecord

Interactions = Mapping[Participant, Sequence[tuple[Instant, int]]]
#: At the epoch.
_EMPTY_WINDOW = TimeRange(Instant(0), Instant(0))
#: Before every event.
_LONG_AGO = Instant(-(2**63))


class MetricsRequest(NamedTuple):
    """A session and the window to measure it against; None: its own schedule."""

    session_id: WhiteboardSessionId
    window: TimeRange[Instant] | None
    #: Measure an empty window if there is neither a window nor a schedule.
    allow_no_schedule: bool = False
    #: How far before and after the window presence is returned, too, in microseconds.
    nearby: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantFacts:
    """One participant, measured."""

    participant: Participant
    #: Whether the whiteboard session names them now.
    is_listed: bool
    presence: PresenceInWindow
    interaction_count: int
    #: The same by minute of the window; empty if there was none.
    interactions_per_minute: Sequence[int] = ()
    #: How far the clock of the relay that reported this was off, in microseconds; positive: ahead. 0 if not known.
    clock_offset: int = 0
    #: Parts of the window of which nothing can be known.
    unknown: Sequence[TimeRange[Instant]] = ()
    #: Presence shortly before and after the window.
    nearby: Sequence[TimeRange[Instant]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """All who take part in a session or ever did, measured."""

    session_id: WhiteboardSessionId
    window: TimeRange[Instant]
    participants: Sequence[ParticipantFacts]
    #: Parts of the window in which presence could not have been seen.
    observation_gaps: Sequence[TimeRange[Instant]]
    as_of: Instant
    #: Facts from before this time were deleted; None: all of them are there.
    deleted_until: Instant | None = None
    #: The documented total, in or out of the window, plus what is assumed in observation gaps.
    student_total_active_seconds: int
    #: The same inside the window.
    student_active_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Records:
    """What is known of the sessions of one query."""

    presences: PresencesBySession
    interactions: Interactions
    observation: Observation
    clock_offsets: Mapping[StreamId, Sequence[ClockOffset]]
    #: Before when facts were deleted, of the sessions with deleted facts.
    deleted_until: Mapping[WhiteboardSessionId, Instant]


class MetricsQuery:
    """Answers GetConnectionMetrics and its batch. Blocking."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        folder: Folder,
        observation: ObservationQuery,
        *,
        timeout: int,
        zone: tzinfo,
    ) -> None:
        """`timeout` is the presence timeout in microseconds; `zone` is that of schedules without one."""
        self._database = database
        self._clock = clock
        self._folder = folder
        self._observation = observation
        self._timeout = timeout
        self._zone = zone

    def get(self, request: MetricsRequest) -> SessionFacts:
        """Measure one session.

        Raises:
            NoSchedule: no window was sent, the session has no schedule, and the request does not allow that.
            WhiteboardSessionNotFound: there is no such session.
        """
        measured = self.get_many([request])
        if not measured:
            raise WhiteboardSessionNotFound(metadata={"session_id": str(request.session_id)})
        return measured[0]

    def get_many(self, requests: Sequence[MetricsRequest]) -> list[SessionFacts]:
        """Measure sessions in the order of the requests, leaving out unknown ones; NoSchedule."""
        ids = {request.session_id for request in requests}
        # Nobody seems silent whose sign of life comes after this.
        now = self._clock.now()
        self._folder.fold_sessions(ids)
        with self._database.transaction(within_seconds=self._folder.answer_seconds()) as connection:
            sessions = whiteboard_sessions.find(connection, ids)
            windows = [
                (request.session_id, self._window(request, sessions[request.session_id].schedule))
                for request in requests
                if request.session_id in sessions
            ]
            presences = _by_session(presence_intervals.load(connection, ids))
            records = _Records(
                presences=presences,
                interactions=activity_periods.load(connection, ids),
                observation=self._observation.get(connection, _grouped(windows), presences),
                clock_offsets=relay_clocks.load(connection, _streams(presences)),
                deleted_until=retention.deleted_until(connection, ids),
            )
        nearby = [request.nearby for request in requests if request.session_id in sessions]
        return [
            self._facts(window, sessions[session_id], session_id, records, margin, now=now)
            for (session_id, window), margin in zip(windows, nearby, strict=True)
        ]

    def _facts(
        self,
        window: TimeRange[Instant],
        session: SessionRecord,
        session_id: WhiteboardSessionId,
        records: _Records,
        nearby: int,
        *,
        now: Instant,
    ) -> SessionFacts:
        presences = records.presences.get(session_id, {})
        gaps = clip(records.observation.gaps_of(session_id), window)
        unknown_for_all = find_unknown_for_all(
            TimeRange(window.start, max(window.start, min(window.end, now))),
            [interval for presence in presences.values() for interval in presence.intervals],
            gaps,
            records.observation.observing_since,
        )
        deleted_until = records.deleted_until.get(session_id)
        deleted = () if deleted_until is None else clip([TimeRange(_LONG_AGO, deleted_until)], window)
        # A connect in the columns without any interval is from before intervals were kept, or these were deleted.
        unknown_roles = (
            session.roles_that_came - {participant.user_type for participant in presences}
            if deleted_until is None
            else set()
        )
        participants = []
        for participant in _participants(session_id, session.members, presences):
            presence = presences.get(participant, NEVER_PRESENT)
            measured = measure(
                presence,
                window,
                now=now,
                timeout=self._timeout,
                gap_effects=records.observation.of(participant),
            )
            interactions = records.interactions.get(participant, ())
            participants.append(
                ParticipantFacts(
                    participant=participant,
                    is_listed=session.members.include(participant),
                    presence=measured,
                    interaction_count=interactions_in(window, interactions),
                    interactions_per_minute=interactions_per_minute(window, interactions),
                    clock_offset=furthest(
                        [
                            largest_offset(records.clock_offsets.get(stream_id, ()), window)
                            for stream_id in _sources(measured.intervals)
                        ]
                    ),
                    unknown=(window,)
                    if participant.user_type in unknown_roles
                    else union(
                        [
                            *measured.unknown,
                            *subtract(unknown_for_all, measured.assumed),
                            *subtract(deleted, _seen(presence)),
                        ]
                    ),
                    nearby=_outside(window, presence, nearby),
                )
            )
        students = [
            (presences.get(facts.participant, NEVER_PRESENT), facts.presence)
            for facts in participants
            if facts.participant.user_type is UserType.STUDENT
        ]
        return SessionFacts(
            session_id=session_id,
            window=window,
            participants=participants,
            observation_gaps=union([*gaps, *unknown_for_all, *deleted]),
            as_of=now,
            deleted_until=deleted_until,
            student_total_active_seconds=session.students.total_seconds
            + assumed_in_union(students) // MICROSECONDS_PER_SECOND,
            student_active_seconds=seconds_in_window(students, window, documented=session.students),
        )

    def _window(self, request: MetricsRequest, schedule: Schedule) -> TimeRange[Instant]:
        if request.window is not None:
            return request.window
        if schedule.start is None or schedule.end is None or schedule.end < schedule.start:
            if request.allow_no_schedule:
                return _EMPTY_WINDOW
            raise NoSchedule(metadata={"session_id": str(request.session_id)})
        return TimeRange(self._instant(schedule.start), self._instant(schedule.end))

    def _instant(self, at: datetime) -> Instant:
        return from_datetime(at if at.tzinfo else at.replace(tzinfo=self._zone))


def _outside(window: TimeRange[Instant], presence: Presence, nearby: int) -> tuple[TimeRange[Instant], ...]:
    """Return the presence at most `nearby` microseconds before or after a window."""
    around = TimeRange(Instant(window.start - nearby), Instant(window.end + nearby))
    return subtract(clip(_seen(presence), around), [window])


def _seen(presence: Presence) -> list[TimeRange[Instant]]:
    return [interval.span.time_range for interval in presence.intervals]


def _participants(
    session_id: WhiteboardSessionId, members: Members, presences: Mapping[Participant, Presence]
) -> list[Participant]:
    """Return the tutor, then students in the order of enrolment, then those who were there but are not enrolled now."""
    enrolled = [Participant(session_id, members.tutor_id, UserType.TUTOR)]
    enrolled += [Participant(session_id, student, UserType.STUDENT) for student in members.student_ids]
    return enrolled + sorted(presences.keys() - set(enrolled))


def _streams(presences: PresencesBySession) -> set[StreamId]:
    """Return the streams of relays that delivered presence."""
    return {
        stream_id
        for by_participant in presences.values()
        for presence in by_participant.values()
        for stream_id in _sources(presence.intervals)
    }


def _sources(intervals: Iterable[Interval]) -> set[StreamId]:
    return {interval.stream_id for interval in intervals if interval.stream_id is not None}


def _grouped(
    windows: Iterable[tuple[WhiteboardSessionId, TimeRange[Instant]]],
) -> dict[WhiteboardSessionId, list[TimeRange[Instant]]]:
    grouped: dict[WhiteboardSessionId, list[TimeRange[Instant]]] = {}
    for session_id, window in windows:
        grouped.setdefault(session_id, []).append(window)
    return grouped


def _by_session(
    presences: Mapping[Participant, Presence],
) -> dict[WhiteboardSessionId, dict[Participant, Presence]]:
    grouped: dict[WhiteboardSessionId, dict[Participant, Presence]] = {}
    for participant, presence in presences.items():
        grouped.setdefault(participant.session_id, {})[participant] = presence
    return grouped

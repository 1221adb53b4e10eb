"""Facts of whiteboard sessions, measured against windows, for the attendance service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from servicekit.clock import Clock, Instant, from_datetime
from servicekit.database.engine import Database
from servicekit.errors import FailedPrecondition
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.presence import NOBODY, Presence
from tracking_service.domain.windows import PresenceInWindow, Window, interactions_in, measure
from tracking_service.recording.submission import WhiteboardSessionNotFound
from tracking_service.store import activity, intervals, whiteboard_sessions
from tracking_service.store.whiteboard_sessions import FoundSession, Members, Schedule

Interactions = Mapping[Participant, Sequence[tuple[Instant, int]]]


class NoSchedule(FailedPrecondition):
    """No window was sent, and the whiteboard session has no scheduled start and end."""

    reason = "NO_SCHEDULE"


class MetricsRequest(NamedTuple):
    """A session and the window to measure it against; None: its own schedule."""

    session_id: WhiteboardSessionId
    window: Window | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantFacts:
    """One participant, measured."""

    participant: Participant
    presence: PresenceInWindow
    interaction_count: int
    #: Stretches of the window of which nothing can be known.
    unknown: Sequence[Window] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """Everybody who takes part in a session or ever did, measured."""

    session_id: WhiteboardSessionId
    window: Window
    participants: Sequence[ParticipantFacts]
    as_of: Instant
    #: As documented, in or out of the window.
    student_total_active_seconds: int


class MetricsQuery:
    """Answers GetConnectionMetrics and its batch. Blocking."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int, zone: tzinfo) -> None:
        """`timeout` is the presence timeout in microseconds; `zone` is that of schedules without one."""
        self._database = database
        self._clock = clock
        self._timeout = timeout
        self._zone = zone

    def get(self, request: MetricsRequest) -> SessionFacts:
        """Measure one session; WhiteboardSessionNotFound, NoSchedule."""
        found = self.get_many([request])
        if not found:
            raise WhiteboardSessionNotFound(metadata={"session_id": str(request.session_id)})
        return found[0]

    def get_many(self, requests: Sequence[MetricsRequest]) -> list[SessionFacts]:
        """Measure sessions in the order of the requests, leaving out unknown ones; NoSchedule."""
        ids = {request.session_id for request in requests}
        with self._database.transaction() as connection:
            found = whiteboard_sessions.find(connection, ids)
            presences = intervals.load(connection, ids)
            interactions = activity.load(connection, ids)
        by_session = _by_session(presences)
        return [
            self._facts(request, found[request.session_id], by_session.get(request.session_id, {}), interactions)
            for request in requests
            if request.session_id in found
        ]

    def _facts(
        self,
        request: MetricsRequest,
        found: FoundSession,
        presences: Mapping[Participant, Presence],
        interactions: Interactions,
    ) -> SessionFacts:
        window = request.window or self._scheduled(request.session_id, found.schedule)
        now = self._clock.now()
        # Columns that tell a connect of which no interval is known were written before intervals were kept.
        untold = found.roles_that_came - {participant.user_type for participant in presences}
        participants = [
            ParticipantFacts(
                participant=participant,
                presence=measure(presences.get(participant, NOBODY), window, now, self._timeout),
                interaction_count=interactions_in(window, interactions.get(participant, ())),
                unknown=(window,) if participant.user_type in untold else (),
            )
            for participant in _everybody(request.session_id, found.members, presences)
        ]
        return SessionFacts(
            session_id=request.session_id,
            window=window,
            participants=participants,
            as_of=now,
            student_total_active_seconds=found.student_total_active_seconds,
        )

    def _scheduled(self, session_id: WhiteboardSessionId, schedule: Schedule) -> Window:
        if schedule.start is None or schedule.end is None or schedule.end < schedule.start:
            raise NoSchedule(metadata={"session_id": str(session_id)})
        return Window(self._instant(schedule.start), self._instant(schedule.end))

    def _instant(self, moment: datetime) -> Instant:
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=self._zone))


def _everybody(
    session_id: WhiteboardSessionId, members: Members, presences: Mapping[Participant, Presence]
) -> list[Participant]:
    """Tutor first, then students in the order of enrolment, then whoever was there but is not enrolled any more."""
    enrolled = [Participant(session_id, members.tutor_id, UserType.TUTOR)]
    enrolled += [Participant(session_id, student, UserType.STUDENT) for student in members.student_ids]
    return enrolled + sorted(presences.keys() - set(enrolled))


def _by_session(
    presences: Mapping[Participant, Presence],
) -> dict[WhiteboardSessionId, dict[Participant, Presence]]:
    grouped: dict[WhiteboardSessionId, dict[Participant, Presence]] = {}
    for participant, presence in presences.items():
        grouped.setdefault(participant.session_id, {})[participant] = presence
    return grouped

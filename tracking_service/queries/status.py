"""Who is connected now, and what was recorded (the documented columns, live)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant
from servicekit.database.engine import Database
from servicekit.errors import PermissionDenied
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.presence import Presence
from tracking_service.recording.submission import WhiteboardSessionNotFound
from tracking_service.store import intervals, whiteboard_sessions
from tracking_service.store.whiteboard_sessions import DocumentedColumns, Members


class NotYourSession(PermissionDenied):
    """Only participants of the session, admins and services may see its status."""

    reason = "NOT_YOUR_SESSION"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleStatus:
    """One role's documented columns, and whether somebody of it is connected now."""

    connected: bool
    connected_at: Instant | None
    disconnected_at: Instant | None
    last_activity_at: Instant | None
    total_active_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionStatus:
    """The status of one whiteboard session."""

    session_id: WhiteboardSessionId
    tutor: RoleStatus
    student: RoleStatus
    #: From the first connect of anybody to the last event of anybody.
    duration_seconds: int
    connection_logs: Sequence[object]


class StatusQuery:
    """Answers GetConnectionStatus. Blocking."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout

    def get(self, principal: Principal, session_id: WhiteboardSessionId) -> ConnectionStatus:
        """Return the status; WhiteboardSessionNotFound, NotYourSession."""
        with self._database.transaction() as connection:
            found = whiteboard_sessions.find_documented(connection, session_id)
            if found is None:
                raise WhiteboardSessionNotFound(metadata={"session_id": str(session_id)})
            if not _may_see(principal, found.members):
                raise NotYourSession
            presences = intervals.load(connection, [session_id])
        tutor = self._role(found.tutor, _of_role(presences.items(), UserType.TUTOR))
        student = self._role(found.student, _of_role(presences.items(), UserType.STUDENT))
        return ConnectionStatus(
            session_id=session_id,
            tutor=tutor,
            student=student,
            duration_seconds=_duration_seconds(tutor, student),
            connection_logs=found.connection_logs,
        )

    def _role(self, columns: DocumentedColumns, presences: Sequence[Presence]) -> RoleStatus:
        """Return the columns as they stand; a silence that no sweep has closed yet is already told."""
        now = self._clock.now()
        last = [presence.last for presence in presences if presence.last is not None]
        alive = any(interval.is_alive(now, self._timeout) for interval in last)
        ended_at = max((interval.stretch.ended_at for interval in last), default=columns.disconnected_at)
        return RoleStatus(
            connected=alive,
            connected_at=columns.connected_at,
            disconnected_at=None if alive else ended_at,
            last_activity_at=columns.last_activity_at,
            total_active_seconds=columns.total_active_seconds,
        )


def _may_see(principal: Principal, members: Members) -> bool:
    if principal.is_service or principal.is_admin:
        return True
    return principal.user_id == members.tutor_id or principal.user_id in members.student_ids


def _of_role(presences: Iterable[tuple[Participant, Presence]], user_type: UserType) -> list[Presence]:
    return [presence for participant, presence in presences if participant.user_type is user_type]


def _duration_seconds(*roles: RoleStatus) -> int:
    starts = [role.connected_at for role in roles if role.connected_at is not None]
    ends = [moment for role in roles for moment in (role.last_activity_at, role.disconnected_at) if moment is not None]
    if not starts or not ends:
        return 0
    return max(max(ends) - min(starts), 0) // MICROSECONDS_PER_SECOND

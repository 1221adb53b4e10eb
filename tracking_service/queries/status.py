"""Who is connected now, and what was recorded (the documented columns, live)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.engine import Connection

from servicekit.auth.principal import Principal
from servicekit.clock import Clock, Instant
from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.connection_log import folded
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.status import ParticipantStatus, Status, participant_status, role_status
from tracking_service.errors import WhiteboardSessionNotFound
from tracking_service.folding.fold import Folder
from tracking_service.folding.watched import WatchedSessions
from tracking_service.store import status, whiteboard_sessions
from tracking_service.store.whiteboard_sessions import Members


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionStatus:
    """The status of one whiteboard session, and who takes part in it."""

    session_id: WhiteboardSessionId
    members: Members
    status: Status
    #: The tutor, then the students.
    participants: tuple[ParticipantStatus, ...] = ()

    def is_visible_to(self, principal: Principal) -> bool:
        """Return whether the caller may see the session."""
        is_student = UserType.STUDENT.value in principal.roles and principal.user_id in self.members.student_ids
        return self._may_see_all(principal) or is_student

    def visible_logs(self, principal: Principal, logs: Sequence[object]) -> Sequence[object]:
        """Return the log entries that a caller who may see the session may see.

        A student does not see those of other students, and in a class their own alone.
        """
        if self._may_see_all(principal):
            return logs
        visible = (
            {principal.user_id} if len(self.members.student_ids) > 1 else {principal.user_id, self.members.tutor_id}
        )
        return [entry for entry in logs if isinstance(entry, dict) and entry.get("user_id") in visible]

    def visible_participants(self, principal: Principal) -> tuple[ParticipantStatus, ...]:
        """Return the participants whom a caller who may see the session sees: a student sees no other students."""
        if self._may_see_all(principal):
            return self.participants
        visible = {principal.user_id, self.members.tutor_id}
        return tuple(one for one in self.participants if one.participant.user_id in visible)

    def differs(self, other: SessionStatus, principal: Principal) -> bool:
        """Return whether a participant came or left in between, as far as the caller may know."""
        return self.status.differs(other.status) or (
            self.visible_participants(principal) != other.visible_participants(principal)
        )

    def _may_see_all(self, principal: Principal) -> bool:
        is_tutor = UserType.TUTOR.value in principal.roles and principal.user_id == self.members.tutor_id
        return principal.is_service or principal.is_admin or is_tutor


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionStatus:
    """The status of one whiteboard session with its log."""

    session: SessionStatus
    #: What the caller may see of it, in order of arrival.
    connection_logs: Sequence[object]


class WatchedStatus(NamedTuple):
    """The status of sessions that are watched."""

    #: Those that do not exist are missing.
    statuses: Mapping[WhiteboardSessionId, SessionStatus]
    #: Sessions of which nothing can be known: the servers of their shards do not answer.
    unanswered: Collection[WhiteboardSessionId]


class StatusQuery:
    """Answers GetConnectionStatus, and reads the states that watchers get. Blocking."""

    def __init__(
        self, database: Database, clock: Clock, folder: Folder, watched: WatchedSessions, *, timeout: int
    ) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._folder = folder
        self._watched = watched
        self._clock = clock
        self._timeout = timeout

    def get(self, principal: Principal, session_id: WhiteboardSessionId) -> ConnectionStatus:
        """Return the status with the log.

        Raises:
            WhiteboardSessionNotFound: there is no such session, or the caller may not see it.
        """
        now = self._folded([session_id])
        with self._database.transaction(within_seconds=self._folder.answer_seconds()) as connection:
            session = self._visible(connection, principal, session_id, now)
            logs = whiteboard_sessions.connection_logs(connection, session_id)
        return ConnectionStatus(session=session, connection_logs=session.visible_logs(principal, folded(logs) or logs))

    def get_status(self, principal: Principal, session_id: WhiteboardSessionId) -> SessionStatus:
        """Return the status without the log; errors as for `get`."""
        now = self._folded([session_id])
        with self._database.transaction(within_seconds=self._folder.answer_seconds()) as connection:
            return self._visible(connection, principal, session_id, now)

    def get_watched(self, session_ids: Collection[WhiteboardSessionId]) -> WatchedStatus:
        """Return the status of sessions that one caller reads every second; access is not checked."""
        now = self._clock.now()
        unanswered = self._watched.fold(session_ids)
        answered = set(session_ids) - unanswered
        with self._database.transaction(within_seconds=self._folder.answer_seconds()) as connection:
            return WatchedStatus(self._read(connection, answered, now) if answered else {}, unanswered)

    def _folded(self, session_ids: Collection[WhiteboardSessionId]) -> Instant:
        """Fold sessions, and return the time before: nobody seems silent whose sign of life comes after it."""
        now = self._clock.now()
        self._folder.fold_sessions(session_ids)
        return now

    def _visible(
        self, connection: Connection, principal: Principal, session_id: WhiteboardSessionId, now: Instant
    ) -> SessionStatus:
        session = self._read(connection, [session_id], now).get(session_id)
        # One answer to both, so that strangers do not learn which ids exist.
        if session is None or not session.is_visible_to(principal):
            raise WhiteboardSessionNotFound(metadata={"session_id": str(session_id)})
        return session

    def _read(
        self, connection: Connection, session_ids: Iterable[WhiteboardSessionId], now: Instant
    ) -> dict[WhiteboardSessionId, SessionStatus]:
        return {
            session_id: SessionStatus(
                session_id=session_id,
                members=facts.members,
                status=Status(
                    as_of=now,
                    tutor=role_status(facts.tutor, now, self._timeout),
                    student=role_status(facts.student, now, self._timeout),
                ),
                participants=tuple(
                    participant_status(participant, facts.participants.get(participant), now, self._timeout)
                    for participant in _participants(session_id, facts.members)
                ),
            )
            for session_id, facts in status.find(connection, session_ids).items()
        }


def _participants(session_id: WhiteboardSessionId, members: Members) -> list[Participant]:
    return [
        Participant(session_id, members.tutor_id, UserType.TUTOR),
        *(Participant(session_id, student_id, UserType.STUDENT) for student_id in members.student_ids),
    ]

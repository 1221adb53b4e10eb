"""Recording notices of absence."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.absence_notices import NewNotice, RecordedNotice
from attendance_service.domain.caller import Caller
from attendance_service.domain.session import TutoringSession
from attendance_service.store.decisions import lock
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.sessions import SessionStore
from servicekit.identifiers import TutoringSessionId

#: The notice names the time of the session to which it applies.
INSERT_NOTICE = text("""
INSERT INTO absence_notices
    (session_id, student_id, session_date, start_time, announced_by, announced_by_role, reason, withdrawn)
VALUES (:session_id, :student_id, :session_date, :start_time, :caller, :role, :reason, :withdrawn)
""")

#: The newest notice about one person.
NEWEST_NOTICE = text("""
SELECT notice.id, notice.session_id, notice.reason, notice.withdrawn, notice.announced_by,
       btrim(concat_ws(' ', announcer.first_name, announcer.father_name)) AS announced_by_name,
       notice.announced_by_role, notice.announced_at
FROM absence_notices AS notice
LEFT JOIN users AS announcer ON announcer.id = notice.announced_by
WHERE notice.session_id = :session_id AND notice.student_id IS NOT DISTINCT FROM CAST(:student_id AS integer)
ORDER BY notice.id DESC
LIMIT 1
""")


class AbsenceNoticeStore:
    """The append-only record of notices."""

    def __init__(self, executor: DatabaseExecutor, sessions: SessionStore) -> None:
        """Nothing is read yet."""
        self._executor = executor
        self._sessions = sessions

    async def record(
        self, session_id: TutoringSessionId, caller: Caller, announce: Callable[[TutoringSession], NewNotice]
    ) -> RecordedNotice:
        """Record a notice about the present session, in one transaction, and return it.

        `announce` gets the session with its row locked, and may raise.

        Raises:
            SessionNotFound: there is no such session.
            CallerUnknown: there is no such user.
        """

        def announce_in(connection: Connection) -> RecordedNotice:
            lock(connection, [session_id], caller)
            session = self._sessions.get_in(connection, session_id, caller)
            notice = announce(session)
            student = notice.student
            about = {"session_id": session_id, "student_id": None if student is None else student.id}
            if notice.is_new:
                connection.execute(
                    INSERT_NOTICE,
                    {
                        **about,
                        "session_date": session.schedule.day,
                        "start_time": session.schedule.start,
                        "caller": caller.user_id,
                        "role": caller.role,
                        "reason": notice.reason,
                        "withdrawn": notice.withdrawn,
                    },
                )
            row = connection.execute(NEWEST_NOTICE, about).mappings().one()
            return RecordedNotice(**row, student=student, name=session.tutor_name if student is None else student.name)

        return await self._executor.run(announce_in)

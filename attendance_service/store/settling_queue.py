"""Finding the sessions that are to be settled, and claiming them, so that no two replicas judge the same ones.

Every statement is put together from constants alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.settled import IS_AS_JUDGED, SESSIONS_FIRST
from attendance_service.store.sources import ENDS_AT
from servicekit.database import arrays
from servicekit.identifiers import TutoringSessionId

#: A replica that claimed sessions judges them within seconds; if it dies, another one takes them over after this time.
CLAIM_SECONDS = 120
#: So many sessions are looked through at once: milliseconds, also if nearly all of them are settled.
SCAN_SIZE = 5000
#: No lesson was held at a whiteboard before; older days are mistakes, some of which Python can't calculate with.
FIRST_DAY = date(2000, 1, 1)

#: The next sessions that are over, newest first, after a position; those of them that are not settled; and whether they
#: could be claimed. The claim takes effect with the commit, before they are judged.
_CLAIM_DUE = """
WITH over AS MATERIALIZED (
    SELECT s.id, s.session_date, s.start_time, s.end_time, s.whiteboard_id, s.enrolled_courses_id, s.status
    FROM sessions AS s
    WHERE {position}
    ORDER BY s.session_date DESC, s.id DESC
    LIMIT :scan_size
), due AS (
    SELECT s.id, s.session_date
    FROM over AS s
    LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id
    WHERE COALESCE(settled.claimed_until <= now(), TRUE) AND NOT COALESCE({is_as_judged}, FALSE)
    ORDER BY s.session_date DESC, s.id DESC
    LIMIT :batch_size
), claimed AS (
    INSERT INTO settled_sessions AS settled (session_id, claimed_until)
    SELECT id, now() + make_interval(secs => :claim_seconds) FROM due ORDER BY id
    ON CONFLICT (session_id) DO UPDATE SET claimed_until = excluded.claimed_until
    WHERE COALESCE(settled.claimed_until <= now(), TRUE)
    RETURNING session_id
), bounds AS (SELECT (SELECT count(*) FROM over) = :scan_size AS is_scan_full,
                     (SELECT count(*) FROM due) = :batch_size AS is_batch_full)
SELECT ARRAY(SELECT session_id FROM claimed) AS session_ids, last.session_date AS last_day, last.id AS last_id
FROM bounds
LEFT JOIN LATERAL (
    (SELECT session_date, id FROM due WHERE bounds.is_batch_full ORDER BY session_date, id LIMIT 1)
    UNION ALL
    (SELECT session_date, id FROM over WHERE bounds.is_scan_full ORDER BY session_date, id LIMIT 1)
    LIMIT 1
) AS last ON TRUE
"""
#: `+ 1`: in some time zones tomorrow has begun.
_WITH_DAY = f"""s.session_date >= CAST(:first_day AS date) AND s.session_date <= CURRENT_DATE + 1
      AND (s.session_date, s.id) < (CAST(:after_day AS date), CAST(:after_id AS integer))
      AND {ENDS_AT} + make_interval(secs => :settling_seconds) <= now()"""
#: Its whiteboard may know when it takes place.
_WITHOUT_DAY = "s.session_date IS NULL AND s.whiteboard_id IS NOT NULL AND s.id < CAST(:after_id AS integer)"
CLAIM_DUE = text(_CLAIM_DUE.format(position=_WITH_DAY, is_as_judged=IS_AS_JUDGED))
CLAIM_DUE_WITHOUT_DAY = text(_CLAIM_DUE.format(position=_WITHOUT_DAY, is_as_judged=IS_AS_JUDGED))

#: Sessions about which late reports may have come, or are over.
CLAIM_RECHECKS = text("""
UPDATE settled_sessions SET claimed_until = now() + make_interval(secs => :claim_seconds)
WHERE session_id IN (
    SELECT session_id FROM settled_sessions
    WHERE recheck_at <= now() AND COALESCE(claimed_until <= now(), TRUE)
    ORDER BY recheck_at LIMIT :batch_size FOR UPDATE SKIP LOCKED)
RETURNING session_id
""")

#: Lets them be claimed again after a time.
POSTPONE = text("""
UPDATE settled_sessions SET claimed_until = now() + make_interval(secs => :seconds)
WHERE session_id = ANY (CAST(:sessions AS integer[]))
""")

#: A session that is not over, because it was moved, has no settlement.
DROP = text("DELETE FROM settled_sessions WHERE session_id = ANY (CAST(:sessions AS integer[]))")


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuePosition:
    """A place in the order of sessions, newest day first."""

    #: None: among the sessions without a day, which come last.
    day: date | None
    session_id: int


#: Before the newest session.
NEWEST = QueuePosition(day=date.max, session_id=0)
#: Before the first session without a day.
WITHOUT_DAY = QueuePosition(day=None, session_id=2**31 - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Sessions that this replica is to judge."""

    session_ids: tuple[TutoringSessionId, ...]
    #: After this position there may be more; None: there are none.
    last: QueuePosition | None


class SettlingQueue:
    """The sessions that are to be settled."""

    def __init__(
        self, executor: DatabaseExecutor, zone: ZoneInfo, *, settling_time: timedelta, batch_size: int
    ) -> None:
        """`zone` is the session time zone; `settling_time` passes after the end of a session."""
        self._executor = executor
        self._zone = zone
        self._settling_time = settling_time
        self._batch_size = batch_size

    async def claim_due(self, after: QueuePosition, *, first_day: date = FIRST_DAY) -> Claim:
        """Claim sessions that are over and not settled, newest first, after a position and not before a day."""
        statement = CLAIM_DUE if after.day is not None else CLAIM_DUE_WITHOUT_DAY
        parameters = due_parameters(after, first_day, self._zone, self._settling_time, self._batch_size)

        def claim_in(connection: Connection) -> Claim:
            connection.execute(SESSIONS_FIRST)
            row = connection.execute(statement, parameters).mappings().one()
            is_end = row["last_id"] is None
            return Claim(
                session_ids=tuple(map(TutoringSessionId, row["session_ids"])),
                last=None if is_end else QueuePosition(day=row["last_day"], session_id=row["last_id"]),
            )

        return await self._executor.run(claim_in)

    async def claim_rechecks(self) -> tuple[TutoringSessionId, ...]:
        """Claim settled sessions that are to be judged again, because late reports may have come."""
        parameters = {"claim_seconds": CLAIM_SECONDS, "batch_size": self._batch_size}

        def claim_in(connection: Connection) -> tuple[TutoringSessionId, ...]:
            return tuple(map(TutoringSessionId, connection.execute(CLAIM_RECHECKS, parameters).scalars()))

        return await self._executor.run(claim_in)

    async def postpone(self, session_ids: Collection[TutoringSessionId], by: timedelta = timedelta()) -> None:
        """Let sessions be claimed again after a time, at once if none is given."""
        if session_ids:
            parameters = {"sessions": arrays.integers(session_ids), "seconds": by.total_seconds()}
            await self._execute(POSTPONE, parameters)

    async def drop(self, session_ids: Collection[TutoringSessionId]) -> None:
        """Delete the claims and settlements of sessions."""
        if session_ids:
            await self._execute(DROP, {"sessions": arrays.integers(session_ids)})

    async def _execute(self, statement: TextClause, parameters: dict[str, Any]) -> None:
        await self._executor.run(lambda connection: connection.execute(statement, parameters))


def due_parameters(
    after: QueuePosition, first_day: date, zone: ZoneInfo, settling_time: timedelta, batch_size: int
) -> dict[str, Any]:
    """Return the parameters of CLAIM_DUE and CLAIM_DUE_WITHOUT_DAY."""
    return {
        "after_day": after.day,
        "after_id": after.session_id,
        "first_day": first_day,
        "zone": zone.key,
        "settling_seconds": settling_time.total_seconds(),
        "claim_seconds": CLAIM_SECONDS,
        "batch_size": batch_size,
        "scan_size": SCAN_SIZE,
    }

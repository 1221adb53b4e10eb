"""SQL of whether a session `s` is settled: `settled` is its row of settled_sessions; put together from constants alone.

What was judged by other facts than the session has now says nothing about it (docs/suggestions.md#settling).
Besides, what whoever settles sessions locks first.
"""

from __future__ import annotations

from sqlalchemy import text

#: Locks the table against migrations, and no row, before a transaction writes to any other table. Decisions lock the
#: rows of their sessions instead. So whoever writes locks this table first (docs/operations.md#locks), and nobody waits
#: for it who holds what another one needs.
SESSIONS_FIRST = text("SELECT FROM sessions WHERE FALSE FOR KEY SHARE")

_IS_CANCELLED = r"COALESCE(lower(btrim(s.status, E' \t\n\r')) = 'cancelled', FALSE)"

#: Whether the roster is frozen: the session is settled, and has the same time and enrolment as then.
HAS_SETTLED_ROSTER = """(settled.judged_at IS NOT NULL
    AND (settled.session_date, settled.start_time, settled.end_time, settled.enrolled_courses_id)
        IS NOT DISTINCT FROM
        (s.session_date, CAST(s.start_time AS time), CAST(s.end_time AS time), s.enrolled_courses_id))"""

#: Whether what is suggested about it still counts: nothing that it was judged by has changed. Once somebody was erased
#: from it, it can't be judged again.
IS_AS_JUDGED = f"""({HAS_SETTLED_ROSTER} AND (settled.people_erased
    OR settled.whiteboard_id IS NOT DISTINCT FROM s.whiteboard_id AND settled.cancelled = {_IS_CANCELLED}))"""

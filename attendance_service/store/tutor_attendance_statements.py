"""SQL that counts completed sessions per tutor; every statement is put together from constants alone.

A status that nobody confirmed counts as nothing but unmarked, and the rate is the share of present in what is marked.
"""

from __future__ import annotations

from sqlalchemy import text

from attendance_service.store.completed import COMPLETED_IN_PERIOD
from attendance_service.store.session_statements import TUTOR_MARKED

_COUNTED = """count(*) AS total, count(*) FILTER (WHERE marked) AS marked,
           count(*) FILTER (WHERE marked AND status = 'present') AS present,
           count(*) FILTER (WHERE marked AND status = 'late') AS late,
           count(*) FILTER (WHERE marked AND status = 'absent') AS absent"""
_RATED = """total, present, late, absent, total - marked AS unmarked,
       ROUND(CAST(present AS numeric) / NULLIF(marked, 0) * 100, 2) AS rate"""
#: How a session `s` counts.
_STATUS_AND_MARKED = f"lower(btrim(s.tutor_attendance_status)) AS status, {TUTOR_MARKED} AS marked"
_TUTOR_ASKED_FOR = "(CAST(:tutor AS integer) IS NULL OR tutor.user_id = CAST(:tutor AS integer))"

#: Some tutors in the order of their profiles, those alone who completed a session, and of them alone the sessions are
#: read: a page costs what is on it. Lateral, for then PostgreSQL goes from tutor to session by index, whatever it
#: thinks of the rest. OFFSET 0: decisions are looked up once per session, not once per count.
TUTOR_ATTENDANCE_PAGE = text(f"""
WITH page AS MATERIALIZED (
    SELECT tutor.id AS profile_id, COALESCE(tutor.username, '') AS tutor_name
    FROM tutor_profiles AS tutor
    WHERE {_TUTOR_ASKED_FOR} AND (CAST(:after_id AS integer) IS NULL OR tutor.id > CAST(:after_id AS integer))
      AND EXISTS (
          SELECT FROM enrolled_courses AS ec
          CROSS JOIN LATERAL (SELECT FROM sessions AS s
                              WHERE s.enrolled_courses_id = ec.id AND {COMPLETED_IN_PERIOD} LIMIT 1) AS completed
          WHERE ec.tutor_id = tutor.id)
    ORDER BY tutor.id
    LIMIT :page_size
)
SELECT profile_id, tutor_name, {_RATED}
FROM page
CROSS JOIN LATERAL (
    SELECT {_COUNTED}
    FROM (SELECT {_STATUS_AND_MARKED}
          FROM enrolled_courses AS ec
          JOIN sessions AS s ON s.enrolled_courses_id = ec.id
          WHERE ec.tutor_id = page.profile_id AND {COMPLETED_IN_PERIOD}
          OFFSET 0) AS completed
) AS counted
ORDER BY profile_id
""")  # noqa: S608 - constants

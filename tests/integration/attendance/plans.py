"""A database with so many sessions that an index is worth using, and PostgreSQL's plans for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import TextClause, text

from servicekit.database.engine import Database
from testkit.postgres import execute

#: Enough for a full scan to cost more than an index: 100 tutors with 10 classes of 2 students and 20 sessions each, and
#: 2000 who teach nobody yet.
_ROWS = (
    "INSERT INTO users (id) SELECT generate_series(1, 2100)",
    "INSERT INTO tutor_profiles (id, user_id, username) SELECT n, n, 'tutor' || n FROM generate_series(1, 2100) AS n",
    "INSERT INTO student_profiles (id, user_id) SELECT n, 100 + n FROM generate_series(1, 2000) AS n",
    """INSERT INTO enrolled_courses (id, tutor_id, students_id)
       SELECT n, 1 + n % 100, ARRAY[2 * n - 1, 2 * n] FROM generate_series(1, 1000) AS n""",
    """INSERT INTO sessions (enrolled_courses_id, session_date, start_time, status, attendance_source)
       SELECT 1 + n % 1000, '2026-01-01'::date + n / 1000, '10:00', 'completed', 'manual'
       FROM generate_series(1, 20000) AS n""",
    """INSERT INTO attendance_decisions
           (session_id, decided_at, decided_by, decided_by_role, source, source_before, tutor_status_after,
            evidence, limits)
       SELECT n, timestamptz '2026-01-01' + n * interval '1 hour', 1, 'tutor', 'manual', 'system_default', 'present',
              jsonb_build_object('tutor_status_suggestion', 'present', 'tutor_confidence', 'high',
                                 'measurements', repeat('x', 500)), '{}'
       FROM generate_series(1, 20000) AS n""",
    "VACUUM ANALYZE",
)


@contextmanager
def many_sessions(database: str) -> Iterator[Database]:
    """Fill the tables and open them as the service does."""
    execute(database, *_ROWS)
    opened = Database(database, role="attendance_service", application="test", pool_size=1)
    try:
        yield opened
    finally:
        opened.dispose()


def plan(store: Database, statement: TextClause, parameters: dict[str, Any]) -> str:
    """Return PostgreSQL's plan of a statement."""
    with store.transaction() as connection:
        return "\n".join(connection.execute(text(f"EXPLAIN {statement.text}"), parameters).scalars())

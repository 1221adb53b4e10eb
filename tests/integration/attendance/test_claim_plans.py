"""Lists of claims and inboxes are found by indexes: they do not read all claims, decisions or sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.claims import ClaimQuery
from attendance_service.domain.inbox import InboxKind, InboxPosition, InboxQuery
from attendance_service.domain.listing import PageRequest
from attendance_service.store.claims import HISTORY, claim_parameters, page_of_claims
from attendance_service.store.inbox import inbox_parameters, page_of_inbox
from servicekit.database.engine import Database
from servicekit.identifiers import UserId
from tests.integration.attendance.query_plan import filled, plan

ADDIS = ZoneInfo("Africa/Addis_Ababa")
ADMIN = Caller(user_id=UserId(1), role=CallerRole.ADMIN)
TUTOR = Caller(user_id=UserId(7), role=CallerRole.TUTOR)
STUDENT = Caller(user_id=UserId(201), role=CallerRole.STUDENT)
PARENT = Caller(user_id=UserId(2201), role=CallerRole.PARENT)
#: Enough for a full scan to cost more than an index: 100 tutors with 10 classes of 2 students, 20 sessions each. Each
#: session has a claim, of which every 20th is open, and a decision, of which every 200th is a parent's.
_ROWS = (
    "INSERT INTO users (id) SELECT generate_series(1, 4200)",
    "INSERT INTO tutor_profiles (id, user_id, username) SELECT n, n, 'tutor' || n FROM generate_series(1, 100) AS n",
    """INSERT INTO student_profiles (id, user_id, parent_id) SELECT n, 100 + n, ARRAY[n]
       FROM generate_series(1, 2000) AS n""",
    "INSERT INTO parent_profiles (id, user_id) SELECT n, 2100 + n FROM generate_series(1, 2000) AS n",
    """INSERT INTO enrolled_courses (id, tutor_id, students_id)
       SELECT n, 1 + n % 100, ARRAY[2 * n - 1, 2 * n] FROM generate_series(1, 1000) AS n""",
    """INSERT INTO whiteboard_sessions (id, tutor_id, student_id)
       SELECT n, 1 + n % 1000 % 100, '{}' FROM generate_series(1, 20000) AS n""",
    """INSERT INTO sessions (enrolled_courses_id, whiteboard_id, session_date, start_time, status, attendance_source)
       SELECT 1 + n % 1000, n, '2026-01-01'::date + n / 1000, '10:00', 'completed', 'manual'
       FROM generate_series(1, 20000) AS n""",
    """INSERT INTO attendance_decisions
           (session_id, decided_at, decided_by, decided_by_role, source, source_before, limits)
       SELECT n, timestamptz '2026-01-01' + n * interval '1 hour', 1,
              CASE WHEN n % 200 = 0 THEN 'parent' ELSE 'tutor' END,
              CASE WHEN n % 200 = 0 THEN 'parent_reported' ELSE 'manual' END, 'manual', '{}'
       FROM generate_series(1, 20000) AS n""",
    """INSERT INTO attendance_student_decisions
           (decision_id, session_id, student_id, status_before, status_after, source, source_before)
       SELECT d.id, d.session_id, 2 * (1 + d.session_id % 1000), 'absent', 'late', d.source, 'manual'
       FROM attendance_decisions AS d""",
    """INSERT INTO attendance_claims (session_id, student_id, claimed_status, note, raised_by, raised_by_role)
       SELECT n, 2 * (1 + n % 1000), 'present', repeat('x', 200), 1, 'student' FROM generate_series(1, 20000) AS n""",
    """INSERT INTO attendance_claim_answers (claim_id, answer, note, answered_by, answered_by_role)
       SELECT id, 'declined', 'x', 1, 'tutor' FROM attendance_claims WHERE id % 20 <> 0""",
    """INSERT INTO absence_notices (session_id, student_id, session_date, start_time, announced_by, announced_by_role,
           reason, withdrawn)
       SELECT s.id, NULL, s.session_date, '10:00', 1, 'tutor', 'x', FALSE FROM sessions AS s WHERE s.id % 10 = 0""",
    "VACUUM ANALYZE",
)


@pytest.fixture(scope="module")
def store(database: str) -> Iterator[Database]:
    with filled(database, _ROWS) as opened:
        yield opened


@pytest.mark.parametrize("is_open", [None, True, False])
@pytest.mark.parametrize("caller", [TUTOR, STUDENT, PARENT], ids=lambda caller: caller.role)
def test_a_person_s_claims_are_found_without_reading_those_of_others(
    store: Database, caller: Caller, *, is_open: bool | None
) -> None:
    query = ClaimQuery(is_open=is_open, page=PageRequest(size=50))
    found_by = plan(store, page_of_claims(caller.role), claim_parameters(query, caller))
    assert "Seq Scan on sessions" not in found_by
    assert "Seq Scan on attendance_claims" not in found_by


@pytest.mark.parametrize("caller", [ADMIN, TUTOR, STUDENT, PARENT], ids=lambda caller: caller.role)
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("kind", [None, InboxKind.ABSENCE_NOTICE])
@pytest.mark.parametrize("oldest_first", [True, False])
def test_an_inbox_is_found_by_indexes(
    store: Database, caller: Caller, kind: InboxKind | None, *, is_first: bool, oldest_first: bool
) -> None:
    after = InboxPosition(
        happened_at=datetime(2026, 2, 1, tzinfo=UTC), kind=InboxKind.PARENTS_WORD, identifier=5, student_id=5
    )
    page = PageRequest(after=None if is_first else after, size=50)
    query = InboxQuery(kind=kind, oldest_first=oldest_first, page=page)
    found_by = plan(store, page_of_inbox(query, caller.role), inbox_parameters(query, caller, ADDIS))
    for table in ("sessions", "attendance_decisions", "attendance_student_decisions"):
        assert f"Seq Scan on {table}" not in found_by


def test_what_is_known_before_another_claim_is_found_by_indexes(store: Database) -> None:
    found_by = plan(store, HISTORY, {"session_id": 10, "caller": 201, "student_id": 22})
    assert "Seq Scan" not in found_by

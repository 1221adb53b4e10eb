"""Each service's role may do what the service does, and nothing else; no role can rewrite decisions."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2.errors
import pytest

from development.postgres import EmbeddedPostgres
from testkit.postgres import execute, fresh_database, migrate, query
from tests.integration.migrations.customer_databases import AFTER

TRACKING = "SET ROLE tracking_service"
ATTENDANCE = "SET ROLE attendance_service"
PEOPLE_AND_SESSIONS = """
INSERT INTO users (first_name) VALUES ('Abel'), ('Sara');
INSERT INTO whiteboard_sessions (tutor_id, student_id) VALUES (1, '{2}');
INSERT INTO sessions (whiteboard_id, session_date, start_time, end_time) VALUES (1, '2025-03-01', '9:00', '10:00');
"""
DECISION = """
INSERT INTO attendance_decisions (session_id, decided_by, decided_by_role, source, source_before, limits)
VALUES (1, 1, 'tutor', 'manual', 'system_default', '{}')
"""
STUDENT_DECISION = """
INSERT INTO attendance_student_decisions (decision_id, session_id, student_id, status_after, source, source_before)
SELECT id, session_id, 1, 'late', 'manual', 'system_default' FROM attendance_decisions
"""
NOTICE = """
INSERT INTO absence_notices (session_id, announced_by, announced_by_role, reason, withdrawn)
VALUES (1, 1, 'tutor', 'Fever', FALSE)
"""
CLAIM = """
INSERT INTO attendance_claims (session_id, student_id, claimed_status, note, raised_by, raised_by_role)
VALUES (1, 1, 'late', '', 1, 'parent')
"""
ANSWER = """
INSERT INTO attendance_claim_answers (claim_id, answer, note, answered_by, answered_by_role)
SELECT id, 'declined', 'No', 1, 'tutor' FROM attendance_claims
"""
POLICY = "INSERT INTO attendance_policies (created_by, limits) VALUES (1, '{}')"
COUNT_ACTIVITY = """
INSERT INTO activity_periods VALUES (1, 1, 'tutor', 'draw', now(), now(), 1)
ON CONFLICT (whiteboard_session_id, user_id, user_type, period_start, activity_type)
DO UPDATE SET occurrences = activity_periods.occurrences + 1
"""
READ_PLATFORM = """
SELECT e.tutor_id, t.user_id, c.course_name, p.name, k.parent_id, f.children_ids
FROM enrolled_courses e, tutor_profiles t, courses c, tutor_packages p, student_profiles k, parent_profiles f
"""


@pytest.fixture(scope="module")
def populated(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return the URL of a database with some rows; tests roll back what they change."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        execute(url, PEOPLE_AND_SESSIONS, DECISION, POLICY)
        yield url


def attempt(url: str, *statements: str) -> None:
    """Run the statements in one transaction, and roll it back."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id, tutor_id, student_id, scheduled_start FROM whiteboard_sessions FOR UPDATE",
        "UPDATE whiteboard_sessions SET tutor_last_activity_at = now(), connection_logs = '[]'",
        "INSERT INTO presence_intervals VALUES (1, 1, 'tutor', now(), now(), now())",
        "DELETE FROM presence_intervals",
        "INSERT INTO connection_events VALUES (1, 1, 'tutor', now(), 'connect') ON CONFLICT DO NOTHING",
        COUNT_ACTIVITY,
        "INSERT INTO heartbeat_streams VALUES (gen_random_uuid(), 'relay', 1, 0, now(), now())",
        "DELETE FROM heartbeat_streams WHERE last_used_at < now()",
        "INSERT INTO observation_coverage VALUES (gen_random_uuid(), now(), now())",
        "UPDATE observation_coverage SET observed_until = now()",
        "INSERT INTO relay_observation_gaps VALUES (gen_random_uuid(), 1, now(), now(), '{}')",
        "INSERT INTO expired_relay_streams VALUES (gen_random_uuid(), now(), now())",
        "INSERT INTO relay_clock_offsets VALUES (gen_random_uuid(), now(), 0)",
        "INSERT INTO relay_coverage VALUES (gen_random_uuid(), 'relay', now(), now())",
        "UPDATE relay_coverage SET observed_until = now()",
        "INSERT INTO relay_sessions VALUES (1, gen_random_uuid())",
        "SELECT deleted_until FROM deleted_facts",
        "INSERT INTO tracking_retention_walks (task) VALUES ('presence')",
        "SELECT delete_old_facts('{1}', now() - interval '31 days', FALSE)",
        "SELECT delete_old_coverage(now() - interval '31 days', 10)",
        "INSERT INTO journal_writers DEFAULT VALUES",
        "UPDATE journal_writers SET last_record = 2",
        "DELETE FROM journal_writers",
        "INSERT INTO presence_journal VALUES (1, 1, 1, 1, '')",
        "SELECT payload FROM presence_journal",
        "SELECT empty_old_journal(1)",
        "SELECT positions FROM session_groups FOR UPDATE",
        "UPDATE session_groups SET positions = '{}'",
        "SELECT whiteboard_session_id FROM membership_changes",
        "DELETE FROM membership_changes",
    ],
)
def test_the_tracking_role_may(populated: str, statement: str) -> None:
    attempt(populated, TRACKING, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE whiteboard_sessions SET tutor_id = 2",
        "DELETE FROM whiteboard_sessions",
        "UPDATE connection_events SET user_id = 2",
        "DELETE FROM connection_events",
        "DELETE FROM observation_coverage",
        "UPDATE relay_observation_gaps SET ended_at = now()",
        "UPDATE relay_clock_offsets SET offset_microseconds = 0",
        "DELETE FROM relay_coverage",
        "DELETE FROM relay_sessions",
        "INSERT INTO deleted_facts VALUES (1, now())",
        "SELECT delete_old_facts('{1}', now() - interval '29 days', TRUE)",
        "SELECT delete_old_coverage(now() - interval '29 days', 10)",
        "SET tracking.deletes_facts = 'on'; DELETE FROM connection_events",
        "UPDATE presence_journal SET payload = ''",
        "DELETE FROM presence_journal",
        "TRUNCATE presence_journal_01",
        "SELECT empty_old_journal(0)",
        "SELECT empty_old_journal(23)",
        "SELECT empty_old_journal(NULL)",
        "DELETE FROM session_groups",
        "INSERT INTO membership_changes VALUES ('1', 1)",
        "SELECT id FROM attendance_decisions",
        "SELECT version FROM attendance_policies",
        "SELECT session_id FROM settled_sessions",
        "SELECT id FROM absence_notices",
        "SELECT id FROM attendance_claims",
        "SELECT claim_id FROM attendance_claim_answers",
        "SELECT session_id FROM ledger_entries",
        "SELECT hash FROM ledger_checkpoints",
        "SELECT id FROM sessions",
        "SELECT id FROM users",
        "UPDATE sessions SET attendance_source = 'manual'",
        "CREATE TABLE own (id INTEGER)",
    ],
)
def test_the_tracking_role_may_not(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        attempt(populated, TRACKING, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT s.id, u.first_name, u.father_name FROM sessions s, users u",
        READ_PLATFORM,
        "UPDATE sessions SET tutor_attendance_status = 'late', attendance_source = 'manual', attendance_marked_by = 1",
        "SELECT id FROM sessions FOR UPDATE",
        "SELECT id, tutor_id, student_id FROM whiteboard_sessions",
        f"{DECISION} RETURNING id",
        "SELECT evidence FROM attendance_decisions",
        STUDENT_DECISION,
        "SELECT note FROM attendance_student_decisions",
        f"{POLICY} RETURNING version",
        "SELECT version, limits FROM attendance_policies",
        "INSERT INTO settled_sessions (session_id) VALUES (1)",
        "UPDATE settled_sessions SET judged_at = now()",
        "DELETE FROM settled_sessions",
        "INSERT INTO settled_students (session_id, position) SELECT session_id, 1 FROM settled_sessions",
        "DELETE FROM settled_students",
        f"{NOTICE} RETURNING id",
        "SELECT reason FROM absence_notices",
        f"{CLAIM} RETURNING id",
        ANSWER,
        "SELECT c.note, a.note FROM attendance_claims c, attendance_claim_answers a",
        "SELECT chain_hash FROM ledger_entries",
        "INSERT INTO ledger_checkpoints (day, hash) VALUES (now(), '') RETURNING id",
        "SELECT salts FROM ledger_salts",
        "INSERT INTO attendance_retention_walks (task) VALUES ('notes')",
        "SELECT reduce_old_evidence('{1}', now() - interval '31 days')",
        "SELECT delete_old_notes('{1}', now() - interval '31 days')",
    ],
)
def test_the_attendance_role_may(populated: str, statement: str) -> None:
    attempt(populated, ATTENDANCE, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE whiteboard_sessions SET tutor_last_activity_at = now()",
        "SELECT scheduled_start FROM whiteboard_sessions",
        "SELECT user_id FROM presence_intervals",
        "INSERT INTO connection_events VALUES (1, 1, 'tutor', now(), 'connect')",
        "SELECT delete_old_facts('{1}', now() - interval '31 days', FALSE)",
        "SELECT payload FROM presence_journal",
        "SELECT empty_old_journal(1)",
        "UPDATE sessions SET session_date = '2020-01-01'",
        "DELETE FROM sessions",
        "UPDATE users SET first_name = ''",
        "UPDATE attendance_decisions SET notes = ''",
        "DELETE FROM attendance_decisions",
        "TRUNCATE attendance_decisions CASCADE",
        "UPDATE attendance_student_decisions SET note = ''",
        "DELETE FROM attendance_student_decisions",
        "UPDATE attendance_policies SET limits = '{}'",
        "DELETE FROM attendance_policies",
        "UPDATE absence_notices SET reason = ''",
        "DELETE FROM absence_notices",
        "UPDATE attendance_claims SET note = ''",
        "DELETE FROM attendance_claims",
        "UPDATE attendance_claim_answers SET note = ''",
        "DELETE FROM attendance_claim_answers",
        "INSERT INTO ledger_entries VALUES (1, 9, 'attendance_decisions', '9', now(), '', '')",
        "UPDATE ledger_entries SET chain_hash = ''",
        "DELETE FROM ledger_entries",
        "SELECT ledger_chain(1, 'attendance_decisions', '9', '', '{}')",
        "DELETE FROM ledger_salts",
        "UPDATE ledger_salts SET salts = '{}'",
        "SELECT reduce_old_evidence('{1}', now() - interval '29 days')",
        "SELECT delete_old_notes('{1}', now() - interval '29 days')",
        "SELECT erase_person(1, '{}', '{}', '{}', '{}', '{}')",
        "SET attendance.erases = 'on'; UPDATE attendance_decisions SET notes = NULL",
        "SELECT erased_at FROM erasures",
        "UPDATE ledger_checkpoints SET hash = ''",
        "DELETE FROM ledger_checkpoint_heads",
        "ALTER TABLE attendance_decisions DISABLE TRIGGER ALL",
        "DROP TRIGGER attendance_decisions_chained ON attendance_decisions",
    ],
)
def test_the_attendance_role_may_not(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        attempt(populated, ATTENDANCE, statement)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("attendance_erasure", "SELECT notes, evidence FROM attendance_decisions"),
        ("attendance_erasure", "SELECT id, user_id FROM student_profiles"),
        ("attendance_erasure", "SELECT erase_person(1, '{}', '{}', '{}', '{}', '{}')"),
        ("tracking_erasure", "SELECT user_id FROM presence_intervals"),
        ("tracking_erasure", "SELECT erase_user(1, '{1}')"),
        ("tracking_erasure", "SELECT payload FROM presence_journal"),
        ("tracking_erasure", "SELECT positions, last_record FROM session_groups, journal_writers"),
    ],
)
def test_the_roles_for_erasures_may(populated: str, role: str, statement: str) -> None:
    attempt(populated, f"SET ROLE {role}", statement)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("attendance_erasure", "UPDATE attendance_decisions SET notes = NULL"),
        ("attendance_erasure", "SET attendance.erases = 'on'; UPDATE attendance_decisions SET notes = NULL"),
        ("attendance_erasure", DECISION),
        ("attendance_erasure", "DELETE FROM ledger_salts"),
        ("attendance_erasure", "UPDATE sessions SET attendance_notes = NULL"),
        ("attendance_erasure", "DELETE FROM settled_sessions"),
        ("attendance_erasure", "SELECT first_name FROM users"),
        ("attendance_erasure", "SELECT user_id FROM presence_intervals"),
        ("attendance_erasure", "SELECT erase_user(1, '{1}')"),
        ("attendance_erasure", "SELECT delete_old_notes('{1}', now() - interval '31 days')"),
        ("tracking_erasure", "UPDATE presence_intervals SET user_id = 2"),
        ("tracking_erasure", "INSERT INTO connection_events VALUES (1, 1, 'tutor', now(), 'connect')"),
        ("tracking_erasure", "DELETE FROM connection_events"),
        ("tracking_erasure", "UPDATE presence_journal SET payload = ''"),
        ("tracking_erasure", "SELECT empty_old_journal(1)"),
        ("tracking_erasure", "UPDATE session_groups SET positions = '{}'"),
        ("tracking_erasure", "UPDATE whiteboard_sessions SET connection_logs = '[]'"),
        ("tracking_erasure", "SELECT id FROM attendance_decisions"),
        ("tracking_erasure", "SELECT delete_old_facts('{1}', now() - interval '31 days', FALSE)"),
        ("tracking_service", "SELECT erase_user(1, '{1}')"),
    ],
)
def test_the_roles_for_erasures_may_not(populated: str, role: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        attempt(populated, f"SET ROLE {role}", statement)


def test_the_attendance_role_may_not_read_passwords(empty_database: str) -> None:
    execute(empty_database, AFTER)
    migrate(empty_database)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute(empty_database, ATTENDANCE, "SELECT password_hash FROM users")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attendance_decisions SET notes = 'other'",
        "DELETE FROM attendance_decisions",
        "TRUNCATE attendance_decisions, attendance_student_decisions, attendance_claim_answers",
        "SET session_replication_role = replica; DELETE FROM attendance_decisions",
        "UPDATE attendance_student_decisions SET note = 'other'",
        "DELETE FROM attendance_student_decisions",
        "TRUNCATE attendance_student_decisions",
        "SET session_replication_role = replica; DELETE FROM attendance_student_decisions",
    ],
)
def test_even_the_owner_cannot_rewrite_decisions(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=r"attendance_(student_)?decisions is append-only"):
        attempt(populated, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attendance_policies SET note = 'other'",
        "DELETE FROM attendance_policies",
        "TRUNCATE attendance_policies",
        "SET session_replication_role = replica; DELETE FROM attendance_policies",
    ],
)
def test_even_the_owner_cannot_rewrite_policies(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="attendance_policies is append-only"):
        attempt(populated, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE absence_notices SET reason = 'other'",
        "DELETE FROM absence_notices",
        "TRUNCATE absence_notices",
        "SET session_replication_role = replica; DELETE FROM absence_notices",
    ],
)
def test_even_the_owner_cannot_rewrite_notices(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="absence_notices is append-only"):
        attempt(populated, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attendance_claims SET note = 'other'",
        "DELETE FROM attendance_claims",
        "TRUNCATE attendance_claims, attendance_claim_answers",
        "SET session_replication_role = replica; DELETE FROM attendance_claims",
        "UPDATE attendance_claim_answers SET note = 'other'",
        "DELETE FROM attendance_claim_answers",
        "TRUNCATE attendance_claim_answers",
        "SET session_replication_role = replica; DELETE FROM attendance_claim_answers",
    ],
)
def test_even_the_owner_cannot_rewrite_claims_and_answers(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=r"attendance_claim(s|_answers) is append-only"):
        attempt(populated, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE connection_events SET user_id = 2",
        "DELETE FROM connection_events",
        "TRUNCATE connection_events",
        "SET session_replication_role = replica; DELETE FROM connection_events",
    ],
)
def test_even_the_owner_cannot_rewrite_events(populated: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="connection_events is append-only"):
        attempt(populated, statement)


def test_a_claim_is_answered_once_also_by_hand(database: str) -> None:
    execute(database, PEOPLE_AND_SESSIONS, CLAIM, ANSWER)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        execute(database, ANSWER)


@pytest.mark.parametrize("answer", ["'accepted', 'Right'", "'declined', ''", "'open', 'x'"])
def test_an_answer_that_makes_no_sense_is_refused(database: str, answer: str) -> None:
    execute(database, PEOPLE_AND_SESSIONS, CLAIM)
    with pytest.raises(psycopg2.errors.CheckViolation):
        execute(database, ANSWER.replace("'declined', 'No'", answer))


def test_facts_of_one_participant_have_at_most_one_open_interval(database: str) -> None:
    interval = """
        INSERT INTO presence_intervals (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at)
        VALUES (1, 1, 'tutor', {start}, now(), now())
    """
    execute(database, PEOPLE_AND_SESSIONS, interval.format(start="now()"))
    with pytest.raises(psycopg2.errors.UniqueViolation, match="presence_intervals_open"):
        execute(database, interval.format(start="now() - interval '1 hour'"))
    assert query(database, "SELECT count(*) FROM presence_intervals") == [(1,)]


def test_the_platform_may_delete_a_session_that_was_settled(database: str) -> None:
    execute(
        database,
        PEOPLE_AND_SESSIONS,
        "INSERT INTO settled_sessions (session_id) VALUES (1)",
        "INSERT INTO settled_students (session_id, position) VALUES (1, 1)",
        "DELETE FROM sessions",
    )
    assert query(database, "SELECT count(*) FROM settled_students") == [(0,)]

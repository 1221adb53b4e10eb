"""From the seventh revision of the attendance tables to the one with decisions per student."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from testkit.postgres import execute, migrate, query

#: Undoes revision 0011, as far as later ones that are undone do not.
BEFORE_ERASURE = (
    "DROP TABLE ledger_salts, erasures, attendance_retention_walks",
    "DROP SEQUENCE erased_ids",
    "DROP FUNCTION erase_person, reduce_old_evidence, delete_old_notes, reduced_evidence, is_erased, ledger_leaves",
    "DROP FUNCTION ledger_chain(INTEGER, TEXT, TEXT, BYTEA, JSONB)",
    "ALTER TABLE settled_sessions DROP COLUMN people_erased",
    "ALTER TABLE attendance_student_decisions DROP COLUMN id",
    *(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey FOREIGN KEY ({column}) REFERENCES users (id)"
        for table, column in (
            ("attendance_decisions", "decided_by"),
            ("absence_notices", "announced_by"),
            ("attendance_claims", "raised_by"),
            ("attendance_claim_answers", "answered_by"),
            ("attendance_policies", "created_by"),
        )
    ),
)
#: Undoes revisions 0010 and 0011.
BEFORE_CHAINS = (
    *BEFORE_ERASURE,
    "DROP TABLE ledger_checkpoint_heads, ledger_checkpoints, ledger_entries",
    "DROP FUNCTION ledger_append, ledger_content CASCADE",
    "DROP FUNCTION ledger_entries_refuse_change, ledger_checkpoints_refuse_change",
    "DROP FUNCTION ledger_checkpoint_heads_refuse_change",
)
#: Undoes revisions 0009 to 0011.
BEFORE_CLAIMS = (
    *BEFORE_CHAINS,
    "DROP TABLE attendance_claim_answers, attendance_claims",
    "DROP FUNCTION attendance_claim_answers_refuse_change, attendance_claims_refuse_change",
    "DROP INDEX attendance_decisions_of_parents",
)
#: Undoes revisions 0008 to 0011, except for the index that a platform may have of its own.
BEFORE_STUDENT_DECISIONS = (
    *BEFORE_CLAIMS,
    "DROP TABLE attendance_student_decisions",
    "ALTER TABLE attendance_decisions DROP COLUMN tutor_excused, DROP COLUMN tutor_excuse_reason",
)
_BACK_TO_THE_SEVENTH_REVISION = (
    *BEFORE_STUDENT_DECISIONS,
    "UPDATE attendance_alembic_version SET version_num = '0007'",
)
#: Profiles 11, 12 and 13 of users 1, 2 and 3; 14 has no user; 15 is another profile of user 1.
_PEOPLE = """
INSERT INTO users (id, first_name) SELECT n, 'User ' || n FROM generate_series(1, 9) AS n;
INSERT INTO student_profiles (id, user_id) VALUES (15, 1), (11, 1), (12, 2), (13, 3), (14, NULL);
INSERT INTO whiteboard_sessions (id, tutor_id, student_id) VALUES (1, 9, '{2,3,8}');
INSERT INTO enrolled_courses (id, students_id) VALUES (1, '{11}'), (2, '{12,11,14}'), (3, '{}');
INSERT INTO sessions (id, enrolled_courses_id, whiteboard_id, session_date, start_time, end_time) VALUES
    (1, 1, NULL, '2025-03-01', '9:00', '10:00'), (2, 2, NULL, '2025-03-01', '9:00', '10:00'),
    (3, 3, 1, '2025-03-01', '9:00', '10:00'), (4, NULL, NULL, '2025-03-01', '9:00', '10:00');
"""
LESSON, CLASS, AT_THE_WHITEBOARD, OF_NOBODY = 1, 2, 3, 4


@pytest.fixture
def seventh_revision(database: str) -> str:
    """Return a database of the version before, with people and sessions."""
    execute(database, *_BACK_TO_THE_SEVENTH_REVISION, _PEOPLE)
    return database


def decision(session_id: int, status: str | None, shown: Sequence[tuple[int, str]] = (), **columns: str) -> str:
    """Return the SQL of a decision about the students, with a suggestion about these users."""
    students = [
        {"user_id": user, "status_suggestion": suggested, "confidence": "high", "reasons": ["on_time", "x"]}
        for user, suggested in shown
    ]
    evidence = {"student_status_suggestion": "late", "student_confidence": "low", "student_reasons": ["late"]}
    document = f"'{json.dumps(evidence | {'students': students})}'" if shown else "NULL"
    after = "NULL" if status is None else f"'{status}'"
    names, values = "".join(f", {name}" for name in columns), "".join(f", {value}" for value in columns.values())
    source = "system_default" if "student_withdrawn" in columns else "manual"
    return f"""INSERT INTO attendance_decisions
        (session_id, decided_by, decided_by_role, source, source_before, student_status_before, student_status_after,
         evidence, limits{names})
        VALUES ({session_id}, 9, 'tutor', '{source}', 'parent_reported', 'present', {after}, {document}, '{{}}'{values})
    """  # noqa: S608 - constants


def rows(
    url: str, columns: str = "student_id, status_after, suggested, confidence, reason"
) -> list[tuple[object, ...]]:
    statement = f"SELECT {columns} FROM attendance_student_decisions ORDER BY decision_id, student_id"  # noqa: S608
    return query(url, statement)


def test_a_decision_is_about_the_students_whom_its_evidence_names(seventh_revision: str) -> None:
    execute(seventh_revision, decision(LESSON, "late", [(1, "late")]))
    migrate(seventh_revision)
    assert rows(seventh_revision) == [(11, "late", "late", "high", "on_time")]
    before = rows(seventh_revision, "session_id, status_before, source, source_before, withdrawn, note, excused")
    assert before == [(LESSON, "present", "manual", "parent_reported", False, None, None)]


def test_in_a_class_students_without_an_account_are_among_them(seventh_revision: str) -> None:
    execute(seventh_revision, decision(CLASS, "present", [(1, "present"), (2, "absent")]))
    migrate(seventh_revision)
    assert rows(seventh_revision) == [
        (11, "present", "present", "high", "on_time"),
        (12, "present", "absent", "high", "on_time"),
        (14, "present", None, None, None),
    ]


def test_who_joined_the_class_later_is_not_among_them(seventh_revision: str) -> None:
    execute(seventh_revision, decision(CLASS, "present", [(2, "present"), (3, "present")]))
    migrate(seventh_revision)
    assert [row[0] for row in rows(seventh_revision)] == [12, 13, 14]


def test_without_evidence_it_is_about_the_students_of_the_enrolment(seventh_revision: str) -> None:
    execute(seventh_revision, decision(LESSON, "late"), decision(CLASS, "absent"))
    migrate(seventh_revision)
    assert rows(seventh_revision, "student_id, status_after") == [
        (11, "late"),
        (11, "absent"),
        (12, "absent"),
        (14, "absent"),
    ]


def test_if_the_evidence_names_nobody_who_is_known_the_suggestion_is_that_of_the_only_student(
    seventh_revision: str,
) -> None:
    execute(seventh_revision, decision(LESSON, "late", [(8, "absent")]), decision(CLASS, "late", [(8, "absent")]))
    migrate(seventh_revision)
    assert rows(seventh_revision)[:2] == [(11, "late", "late", "low", "late"), (11, "late", None, None, None)]


def test_without_an_enrolment_it_is_about_the_students_of_the_whiteboard(seventh_revision: str) -> None:
    execute(seventh_revision, decision(AT_THE_WHITEBOARD, "absent"), decision(OF_NOBODY, "absent"))
    migrate(seventh_revision)
    assert rows(seventh_revision, "student_id, status_after") == [(12, "absent"), (13, "absent")]


def test_a_withdrawal_is_about_those_on_whom_somebody_had_decided(seventh_revision: str) -> None:
    withdrawal = decision(CLASS, None, student_withdrawn="TRUE")
    execute(seventh_revision, decision(CLASS, "late", [(2, "late")]), withdrawal)
    execute(seventh_revision, decision(LESSON, None, student_withdrawn="TRUE"))
    migrate(seventh_revision)
    assert rows(seventh_revision, "student_id, status_after, withdrawn, source") == [
        (12, "late", False, "manual"),
        (14, "late", False, "manual"),
        (12, None, True, "system_default"),
        (14, None, True, "system_default"),
        (11, None, True, "system_default"),
    ]


def test_decisions_about_the_tutor_and_notes_alone_are_about_no_student(seventh_revision: str) -> None:
    execute(
        seventh_revision, decision(LESSON, None, tutor_status_after="'late'"), decision(LESSON, None, notes="'Bus'")
    )
    migrate(seventh_revision)
    assert rows(seventh_revision) == []
    assert (
        query(seventh_revision, "SELECT tutor_excused, tutor_excuse_reason FROM attendance_decisions")
        == [(None, None)] * 2
    )


def test_a_whiteboard_with_a_single_student_as_a_number_is_read_as_well(seventh_revision: str) -> None:
    execute(
        seventh_revision,
        "ALTER TABLE whiteboard_sessions ALTER COLUMN student_id DROP DEFAULT",
        "ALTER TABLE whiteboard_sessions ALTER COLUMN student_id TYPE INTEGER USING student_id[1]",
        decision(AT_THE_WHITEBOARD, "absent"),
    )
    migrate(seventh_revision)
    assert rows(seventh_revision, "student_id") == [(12,)]


@pytest.mark.parametrize(
    "values", ["'late', TRUE, 'system_default'", "NULL, TRUE, 'manual'", "'late', FALSE, 'system_default'"]
)
def test_a_row_decides_or_withdraws(seventh_revision: str, values: str) -> None:
    execute(seventh_revision, decision(OF_NOBODY, "late"))
    migrate(seventh_revision)
    statement = f"""INSERT INTO attendance_student_decisions
        (decision_id, session_id, student_id, source_before, status_after, withdrawn, source)
        SELECT id, session_id, 11, 'manual', {values} FROM attendance_decisions"""  # noqa: S608 - constants
    with pytest.raises(Exception, match="attendance_student_decisions_withdrawal"):
        execute(seventh_revision, statement)

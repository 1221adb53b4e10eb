"""The history of this service's tables, and what its database role may do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import Connection

from attendance_service.domain.personal_data import COLUMNS
from attendance_service.migrations.erasing import ERASE_PERSON_SIGNATURE
from attendance_service.migrations.forgetting import DELETE_NOTES_SIGNATURE, REDUCE_EVIDENCE_SIGNATURE
from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.sessions import ATTENDANCE_COLUMNS, SESSIONS
from attendance_service.migrations.versions import (
    r0001_documented_tables,
    r0002_policies,
    r0006_absence_notices,
    r0007_settlements,
    r0008_student_decisions,
    r0009_claims,
    r0010_ledger_chain,
    r0011_erasure,
    r0012_erasure_by_index,
    r0013_whiteboards_by_function,
)
from servicekit.database.migration.adoption import Blocker, adoption_blockers, read_tables
from servicekit.database.migration.existing import exists
from servicekit.database.migration.history import History
from servicekit.database.migration.roles import Grant
from servicekit.personal_data.columns import Names

_TABLES = (*PLATFORM_TABLES, SESSIONS)
#: Every name that this history takes.
_NEW_RELATIONS = (
    *r0001_documented_tables.NEW_RELATIONS,
    *r0002_policies.NEW_RELATIONS,
    *r0006_absence_notices.NEW_RELATIONS,
    *r0007_settlements.NEW_RELATIONS,
    *r0008_student_decisions.NEW_RELATIONS,
    *r0009_claims.NEW_RELATIONS,
    *r0010_ledger_chain.NEW_RELATIONS,
    *r0011_erasure.NEW_RELATIONS,
    *r0012_erasure_by_index.NEW_RELATIONS,
)
#: Created by the tracking history, which comes first because sessions refer to this table.
_WHITEBOARD_SESSIONS = "whiteboard_sessions"

#: The fewest privileges that suffice. Of the platform's tables only the columns that are needed can be read (users hold
#: passwords), of sessions only the documented fields can be written, and neither decisions nor policies be rewritten.
GRANTS = (
    *(
        Grant(table=table.name, privileges=("SELECT",), columns=tuple(column.name for column in table.columns))
        for table in PLATFORM_TABLES
    ),
    Grant(table=_WHITEBOARD_SESSIONS, privileges=("SELECT",), columns=("id", "tutor_id", "student_id")),
    Grant(table="sessions", privileges=("SELECT",)),
    Grant(table="sessions", privileges=("UPDATE",), columns=ATTENDANCE_COLUMNS),
    Grant(table="attendance_decisions", privileges=("SELECT", "INSERT")),
    Grant(table="attendance_student_decisions", privileges=("SELECT", "INSERT")),
    Grant(table="attendance_policies", privileges=("SELECT", "INSERT")),
    Grant(table="settled_sessions", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="settled_students", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="absence_notices", privileges=("SELECT", "INSERT")),
    Grant(table="attendance_claims", privileges=("SELECT", "INSERT")),
    Grant(table="attendance_claim_answers", privileges=("SELECT", "INSERT")),
    # Entries are written by a trigger alone.
    Grant(table="ledger_entries", privileges=("SELECT",)),
    Grant(table="ledger_checkpoints", privileges=("SELECT", "INSERT")),
    Grant(table="ledger_checkpoint_heads", privileges=("SELECT", "INSERT")),
    # For the verification.
    Grant(table="ledger_salts", privileges=("SELECT",)),
    Grant(table="attendance_retention_walks", privileges=("SELECT", "INSERT", "UPDATE")),
)
#: The first two delete only what is older than 30 days; the others read whiteboards as who calls them.
FUNCTIONS = (REDUCE_EVIDENCE_SIGNATURE, DELETE_NOTES_SIGNATURE, *r0013_whiteboards_by_function.SIGNATURES)

#: Reads what it exports, and writes nothing but by erasing.
ERASURE_GRANTS = (
    Grant(table="student_profiles", privileges=("SELECT",), columns=("id", "user_id")),
    Grant(table="tutor_profiles", privileges=("SELECT",), columns=("id", "user_id")),
    Grant(table="enrolled_courses", privileges=("SELECT",), columns=("id", "tutor_id", "students_id")),
    Grant(table=_WHITEBOARD_SESSIONS, privileges=("SELECT",), columns=("id", "tutor_id", "student_id")),
    *(
        Grant(table=table, privileges=("SELECT",))
        for table, columns in COLUMNS.items()
        if set(columns.values()) != {Names.NOBODY}
    ),
)


def _adoption_blockers(connection: Connection) -> tuple[Blocker, ...]:
    existing = read_tables(connection, _TABLES)
    return (*_order_blockers(connection), *adoption_blockers(connection, _TABLES, existing, _NEW_RELATIONS))


def _order_blockers(connection: Connection) -> Iterator[Blocker]:
    if not exists(connection, _WHITEBOARD_SESSIONS):
        yield Blocker(
            subject=_WHITEBOARD_SESSIONS,
            description="is missing; run the tracking history first (python -m tracking_service.migrate)",
        )


HISTORY = History(
    service="attendance_service",
    directory=Path(__file__).parent / "versions",
    version_table="attendance_alembic_version",
    adoption_blockers=_adoption_blockers,
    grants=GRANTS,
    functions=FUNCTIONS,
    erasure_grants=ERASURE_GRANTS,
    erasure_functions=(ERASE_PERSON_SIGNATURE,),
)

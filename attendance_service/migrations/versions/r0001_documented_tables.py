"""Create or adopt sessions, create the platform's tables that are missing, and create the table of decisions."""

from __future__ import annotations

from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.sessions import SESSIONS
from attendance_service.migrations.tables import APPEND_ONLY_STATEMENTS, CREATE_STATEMENTS
from attendance_service.migrations.word_checks import (
    checks_of,
    old_sources,
    refusing_checks,
    removals,
    source_check,
)
from servicekit.database.migration.adopting import adopt, creations, read_tables
from servicekit.database.migration.found import FoundTable
from servicekit.database.migration.runner import Migration, current_migration
from servicekit.database.migration.statements import execute_verbatim
from servicekit.database.migration.transaction import lock_tables

revision = "0001"
down_revision = None

_TABLES = (*PLATFORM_TABLES, SESSIONS)


def upgrade() -> None:
    """Change what `judgement` found to be adoptable."""
    migration = current_migration()
    found = read_tables(migration.connection, _TABLES)
    adopt(migration, _TABLES, found)
    _settle_words(migration, found.get(SESSIONS.name))
    migration.apply(*creations(CREATE_STATEMENTS))
    for statement in APPEND_ONLY_STATEMENTS:
        execute_verbatim(migration.connection, statement)


def _settle_words(migration: Migration, sessions: FoundTable | None) -> None:
    if sessions is not None:
        # What was read to be allowed must still be all there is when the constraint comes.
        lock_tables(migration.connection, (SESSIONS.name,))
        obsolete = (*checks_of(sessions, "attendance_source"), *refusing_checks(migration.connection, sessions))
        migration.apply(*removals(obsolete))
    migration.apply(*source_check(old_sources(migration.connection)))

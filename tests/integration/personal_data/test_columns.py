"""Every column of our tables is declared, and those that can name a person have one in these tests."""

from __future__ import annotations

import pytest

from attendance_service.domain.personal_data import COLUMNS as ATTENDANCE
from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.sessions import ATTENDANCE_COLUMNS
from servicekit.personal_data.columns import Names, naming
from testkit.postgres import query
from tests.integration.personal_data.abel import ABOUT_ABEL, TRACES, fill
from tracking_service.domain.personal_data import COLUMNS as TRACKING
from tracking_service.migrations.whiteboard_sessions import TRACKING_COLUMNS

OF_PLATFORM = {table.name for table in PLATFORM_TABLES}
#: Tables of the platform's in which some columns are ours.
SHARED = {"sessions": set(ATTENDANCE_COLUMNS), "whiteboard_sessions": set(TRACKING_COLUMNS)}
IN_THE_DATABASE = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT LIKE '%alembic_version'
    AND table_name NOT LIKE 'citus_%'
    AND NOT EXISTS (SELECT FROM pg_class WHERE relname = table_name AND relispartition)
"""
DECLARED = {**TRACKING, **ATTENDANCE}
#: What is encoded has tests of its own.
PERSONAL = naming(DECLARED, *(set(Names) - {Names.NOBODY, Names.RECORDS}))


def test_every_column_of_ours_is_declared(module_database: str) -> None:
    columns = {
        (table, column)
        for table, column in query(module_database, IN_THE_DATABASE)
        if table not in OF_PLATFORM and (table not in SHARED or column in SHARED[str(table)])
    }
    declared = {(table, column) for table, known in DECLARED.items() for column in known}
    assert declared == columns


@pytest.fixture(scope="module")
def filled(module_database: str) -> str:
    fill(module_database)
    return module_database


@pytest.mark.parametrize(("table", "column"), PERSONAL)
def test_the_person_of_these_tests_is_in_every_column_that_can_name_one(filled: str, table: str, column: str) -> None:
    values = query(filled, f"SELECT {column}::text FROM {table}")  # noqa: S608
    assert any(trace in str(value) for (value,) in values for trace in TRACES), ABOUT_ABEL
